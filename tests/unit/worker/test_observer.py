"""What an import binds to its process, seen by the observer: each case in a process of its own, since an audit hook stays."""

import ast
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from _pytest.assertion.rewrite import rewrite_asserts

from trun_worker.observe import clock_names

PACKAGE = Path(__file__).resolve().parents[3] / "plugins" / "python"

WATCH = """
import sys
sys.path[:0] = [{package!r}, {folder!r}]
from trun_worker.observe.observer import Observer
observer = Observer(["DATABASE_URL"])
{first}
observer.begin()
import suite
print("\\n".join(observer.end()))
"""


def bound_by(folder, text, of_libraries=False, first="", **others):
    """Lines that the observer says of importing a module with that text, in a folder with `others` beside it."""
    for name, source in {"suite": text, **others}.items():
        (folder / f"{name}.py").write_text(textwrap.dedent(source))
    program = WATCH.replace("end()", f"end(of_libraries={of_libraries})").format(
        package=str(PACKAGE), folder=str(folder), first=first
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.split("\n")[:-1] if done.stdout.strip() else []


BINDS = {
    "a thread": (
        "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True, name='T').start()",
        "thread 'T' (started at suite.py:2) runs",
    ),
    "a pool": (
        "from concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor(1)\npool.submit(int)",
        "(started at suite.py:3) runs",
    ),
    "a queue listener": (
        "import logging.handlers, queue\nlogging.handlers.QueueListener(queue.Queue()).start()",
        "(started at suite.py:2) runs",
    ),
    "a timer": (
        "import signal\nsignal.setitimer(signal.ITIMER_REAL, 60)",
        "a timer is set",
    ),
    "a socket": ("import socket\ns = socket.socket()", "suite.py:2 made a socket"),
    "a free port": (
        "import socket\nwith socket.socket() as s:\n    s.bind(('127.0.0.1', 0))\n    PORT = s.getsockname()[1]",
        "suite.py:4 asked which port a socket got",
    ),
    "a server's port": (
        "import socketserver\nwith socketserver.TCPServer(('', 0), None) as s:\n    PORT = s.server_address[1]",
        "suite.py:2 asked which port a socket got",
    ),
    "an event loop": ("import asyncio\nloop = asyncio.new_event_loop()", "suite.py:2 made a socket"),
    "a temporary folder": ("import tempfile\nFOLDER = tempfile.mkdtemp()", "suite.py:2 made a temporary folder"),
    "a temporary file": ("import tempfile\nFILE = tempfile.mkstemp()", "suite.py:2 made a temporary file"),
    "a folder": ("import os\nos.mkdir('made')", "suite.py:2 made the folder made"),
    "a log file": ("import logging\nlogging.basicConfig(filename='x.log')", "suite.py:2 opened x.log for writing"),
    "an open file": ("FILE = open(__file__)", "is open"),
    "a database in memory": ("import sqlite3\nDB = sqlite3.connect(':memory:')", "suite.py:2 opened a database"),
    "a process": ("import subprocess, sys\nsubprocess.run([sys.executable, '-c', ''])", "suite.py:2 started python"),
    "a manager": ("import multiprocessing\nM = multiprocessing.Manager()", "runs ("),
    "a lock of processes": ("import multiprocessing\nL = multiprocessing.Lock()", "memory that forked processes share"),
    "a value of processes": ("import multiprocessing\nV = multiprocessing.Value('i', 0)", "memory that forked"),
    "shared memory": ("import mmap\nM = mmap.mmap(-1, 4096)", "memory that forked processes share"),
    "an inherited fork": (
        "import os\npid = os.fork()\nif not pid: os._exit(0)\nos.waitpid(pid, 0)",
        "suite.py:2 forked",
    ),
    "the number of the process": ("import os\nNAME = f'db_{os.getpid()}'", "suite.py:2 asked for the number"),
    "the number by multiprocessing": (
        "import multiprocessing\nNAME = f'db_{multiprocessing.current_process().pid}'",
        "suite.py:2 asked for the number",
    ),
    "the number by the kernel": ("NAME = open('/proc/self/stat').read().split()[0]", "read /proc/self/stat"),
    "the number of the thread": ("import threading\nN = threading.get_native_id()", "suite.py:2 asked for the number"),
    "a name for a temporary file": ("import tempfile\nNAME = tempfile.mktemp()", "suite.py:2 drew a name"),
    "bytes by another door": ("import os\nKEY = os.getrandom(4)", "suite.py:2 drew random bytes"),
    "an id of the kernel's": (
        "with open('/proc/sys/kernel/random/uuid') as f:\n    ID = f.read()",
        "suite.py:1 read /proc/sys/kernel/random/uuid",
    ),
    "an audit hook": ("import sys\nsys.addaudithook(lambda *a: None)", "suite.py:2 added an audit hook"),
    "bytes of the kernel": ("with open('/dev/urandom', 'rb') as f:\n    N = f.read(4)", "suite.py:1 read /dev/urandom"),
    "a random id": ("import uuid\nID = uuid.uuid4()", "suite.py:2 drew random bytes"),
    "a secret": ("import secrets\nKEY = secrets.token_hex()", "suite.py:2 drew random bytes"),
    "a random number": ("import random\nN = random.random()", "from `random`"),
    "a number of a generator": (
        "import random\nRNG = random.Random()\nN = RNG.random()",
        "suite.py:2 drew numbers from a random.Random()",
    ),
    "a number of a generator that is gone": (
        "import random\nN = random.Random().random()",
        "suite.py:2 drew numbers from a random.Random()",
    ),
    "a name from the time": ("from uuid import uuid1\nID = uuid1()", "suite.py:2 takes the time at import"),
    "a number ahead of a seed": ("import random\nN = random.random()\nrandom.seed(1)", "from `random`"),
    "a number after a seed of the system's": (
        "import random\nrandom.seed(1)\nrandom.seed()\nN = random.random()",
        "from `random`",
    ),
    "the time": ("import time\nNAME = f'run_{time.time_ns()}'", "suite.py:2 takes the time"),
    "a date": ("import datetime\nNAME = f'run_{datetime.datetime.now()}'", "suite.py:2 takes the time at import"),
    "a date by its class": ("from datetime import datetime\nNAME = datetime.utcnow().isoformat()", "takes the time"),
    "a time in words": ("import time\nNAME = time.strftime('%H%M%S')", "takes the time at import"),
    "seconds": ("import time\nNAME = f'run_{time.time()}'", "suite.py:2 takes the time"),
    "whole seconds": ("import time\nNAME = 'run_' + str(int(time.time()))", "suite.py:2 takes the time"),
    "seconds by their function": ("from time import time\nNAME = 'run_%d' % time()", "suite.py:2 takes the time"),
    "seconds in format": ("import time\nNAME = 'a{}'.format(time.time())", "suite.py:2 takes the time"),
    "a clock that only goes up": ("import time\nNAME = f'{time.monotonic_ns() % 1000:x}'", "suite.py:2 takes the time"),
    "a time that was kept": (
        "import time\nNOW = int(time.time())\nX = 1\nNAME = f'a{NOW}'",
        "suite.py:4 takes the time",
    ),
    "today's time": ("import datetime\nN = str(datetime.datetime.today())", "suite.py:2 takes the time"),
    "a time in a class": ("import time\nclass A:\n    name = f'a{time.time()}'", "suite.py:3 takes the time"),
    "a time in a list": ("import time\nN = [f'a{time.time()}{i}' for i in '12']", "suite.py:2 takes the time"),
    "a name from a function": (
        "import time\ndef unique():\n    return f'a{time.time()}'\nNAME = unique()",
        "suite.py:3 takes the time",
    ),
    "a time from a function": (
        "import time\ndef name():\n    return f'a{now()}'\ndef now():\n    return time.time()\nNAME = name()",
        "suite.py:3 takes the time",
    ),
    "a time that a function names": (
        "import time\nRUN = time.time_ns()\ndef table():\n    return f't_{RUN}'",
        "suite.py:4 takes the time",
    ),
    "a time of a class that a method names": (
        "import time\nclass A:\n    run = int(time.time() * 1000)\n    def path(self): return 'it-%s' % self.run",
        "suite.py:4 takes the time",
    ),
    "a time of an object that a method names": (
        "import datetime\nclass A:\n    def __init__(self): self.at = datetime.datetime.now()\n"
        "    def name(self): return self.at.strftime('%H')\nA_ = A()",
        "suite.py:4 takes the time",
    ),
    "a counter from the time": (
        "import itertools, time\nIDS = itertools.count(time.time_ns())",
        "suite.py:2 takes the time",
    ),
    "a name by a function of another module": (
        "from app import unique\nDB = unique('db')",
        "suite.py:2 takes the time",
    ),
    "a name by a module's function": ("import app\nclass A:\n    DB = app.unique('db')", "suite.py:3 takes the time"),
    "the worker's name": (
        "import os\nDB = os.environ.get('PYTEST_XDIST_WORKER', 'master')",
        "suite.py:2 read the variable PYTEST_XDIST_WORKER",
    ),
    "in bytes": (
        "import os\nDB = os.getenvb(b'PYTEST_XDIST_WORKER')",
        "suite.py:2 read the variable PYTEST_XDIST_WORKER",
    ),
    "by getenv": (
        "import os\nDB = os.getenv('PYTEST_XDIST_WORKER')",
        "suite.py:2 read the variable PYTEST_XDIST_WORKER",
    ),
    "by in": ("import os\nD = 'PYTEST_XDIST_WORKER' in os.environ", "suite.py:2 read the variable PYTEST_XDIST_WORKER"),
    "a name imported before": (
        "from os import environ\nDB = environ.get('PYTEST_XDIST_WORKER')",
        "suite.py:2 read the variable PYTEST_XDIST_WORKER",
    ),
    "a variable of the slot": (
        "import os\nSLOT = os.environ.get('TRUN_SLOT')",
        "suite.py:2 read the variable TRUN_SLOT",
    ),
    "a variable of [env]": ("import os\nURL = os.environ.get('DATABASE_URL')", "read the variable DATABASE_URL"),
    "a copy of the environment": ("import os\nENV = dict(os.environ)", "suite.py:2 read the whole environment"),
    "in a module that it imports": ("import app", "app.py:2 made a temporary folder"),
}


@pytest.mark.parametrize("case", BINDS)
def test_what_is_bound_to_the_process_is_seen_and_named(tmp_path, case):
    text, expected = BINDS[case]
    helper = "FOLDER = tempfile.mkdtemp()\ndef unique(name):\n    return f'{name}-{time.time()}'\n"
    found = bound_by(tmp_path, text, app=f"import tempfile, time\n{helper if 'app' in text else ''}")
    assert any(expected in line for line in found), found


BINDS_NOTHING = {
    "definitions": "import os, sys, re\nPATTERN = re.compile('x')\ndef f(): return os.getpid()\nclass C:\n    x = 1",
    "the standard library": """
        import asyncio, concurrent.futures, dataclasses, datetime, decimal, http.client, json, logging, multiprocessing, pathlib
        import sqlite3, ssl, tempfile, unittest.mock, urllib.request, uuid, xml.dom.minidom, random, secrets, socket, subprocess
        """,
    "logging": "import logging\nlogging.basicConfig(level=10)\nlogging.getLogger('x').info('y')",
    "a file that is read": "TEXT = open(__file__).read()",
    "what git says": "import subprocess\nsubprocess.run(['git', '--version'], capture_output=True)",
    "another variable": "import os\nDEBUG = os.environ.get('DEBUG')\nos.environ['X'] = '1'",
    "a thread that has ended": "import threading\nt = threading.Thread(target=int)\nt.start()\nt.join()",
    "a generator of its own": "import random\nN = random.Random(1).random()",
    "a seed": "import random\nrandom.seed(1)\nN = random.random()",
    "a generator that nobody has asked": "import random\nRNG = random.Random()",
    "a generator that was seeded": "import random\nRNG = random.Random()\nRNG.seed(1)\nN = RNG.random()",
    "names like those of clocks": "import datetime\nclass now: pass\ndef strftime(): pass\nfrom uuid import uuid1",
    "a start and a deadline": "import time\nSTART = time.time()\nEND = time.monotonic() + 60\nOLD = START < 5",
    "a date as a value": "import datetime as dt\nNOW = dt.datetime.now(tz=dt.timezone.utc).replace(microsecond=0)\nY = NOW.year",
    "classes of times": "import datetime as dt\nT = {dt.time: dt.datetime}\nNAME = f'{T}'",
    "how a time is shown": "import datetime\ndef show(d): return d.strftime('%H')\nSHOWN = {'time': show}",
    "a name in a function": "import time\ndef f(): return f'a{time.time()}'",
    "a temporary folder that is gone": "import tempfile\nwith tempfile.TemporaryDirectory() as d:\n    open(d + '/a', 'w')",
    "a socket that is gone": "import socket\nwith socket.socket() as s:\n    s.bind(('127.0.0.1', 0))",
    "a folder that is gone": "import os\nos.mkdir('x')\nos.rmdir('x')",
    "a date in a function": "import datetime\ndef f(): return datetime.datetime.now()\nf()",
    "a clock in a function": "import time\ndef f(): return time.time()\nf()",
    "what is no maker's": """
        import math, os
        from app import unique
        os.environ.get('unique')
        math.log(3)
        len('unique')
        class A:
            make = [unique, lambda: unique('x')]
            def later(self): return unique('a')
    """,
    "what counts": "import time\nT0 = time.time()\ndef f(xs): return xs.count(T0)",
    "how long it took": "import time\nSTART = time.time()\ndef took(): return f'{time.time() - START:.1f} s'",
    "a function that gives names later": "import time\ndef unique(): return f'a{time.time()}'\ndef later(): return unique()",
}


@pytest.mark.parametrize("case", BINDS_NOTHING)
def test_what_binds_nothing_costs_nothing(tmp_path, case):
    helper = "import time\ndef unique(name): return f'{name}-{time.time()}'\ndef log(text): print(time.ctime(), text)\n"
    assert bound_by(tmp_path, BINDS_NOTHING[case], app=helper) == []


@pytest.mark.parametrize(
    "asserted, is_name",
    [
        ("time.perf_counter() > T", False),
        ("n == T", False),
        ("T, T", False),
        ("0 < T < n + 3", False),
        ("n.made(T) and not T", False),
        ("f'{T}' in n", True),
        ("n == 'x' + str(T)", True),
    ],
)
def test_what_a_failed_assertion_says_of_a_time_is_no_name(asserted, is_name):
    source = f"import time\nT = time.time()\ndef check(n):\n    assert {asserted}\n".encode()
    tree = ast.parse(source)
    rewrite_asserts(tree, source)
    assert clock_names.named_after_time(compile(tree, "suite.py", "exec")) == (4 if is_name else 0)


def test_a_library_that_probes_while_it_is_imported_binds_nothing(tmp_path):
    """As urllib3 does, which looks whether there is IPv6."""
    library = tmp_path / "site-packages"
    library.mkdir()
    (library / "probing.py").write_text("import socket, os\nsocket.socket().close()\nPID = os.getpid()\n")
    assert bound_by(tmp_path, f"import sys\nsys.path.insert(0, {str(library)!r})\nimport probing") == []


def test_a_library_that_the_user_calls_acts_for_the_user(tmp_path):
    library = tmp_path / "site-packages"
    library.mkdir()
    (library / "ports.py").write_text(
        "import socket\ndef free():\n    with socket.create_server(('', 0)) as s:\n        return s.getsockname()\n"
    )
    found = bound_by(tmp_path, f"import sys\nsys.path.insert(0, {str(library)!r})\nimport ports\nPORT = ports.free()")
    assert found == ["suite.py:4 asked which port a socket got (getsockname)"]


LINKS = {"__init__": "from links import style\nfrom links import console", "console": "NAME = 'console'"}


@pytest.mark.parametrize(
    "style, user, bound",
    [
        ("FIRST = random.getrandbits(24)", "import links", False),
        ("random.seed(24)", "import links", False),
        ("FIRST = 0", "import random, links\nNAME = random.random()\nimport wave", True),
        ("FIRST = 0", "import random\nNAME = random.random()\nimport links", True),
        ("FIRST = 0", "import random\nrandom.setstate(random.Random(1).getstate())\nimport links", True),
        ("FIRST = random.random()", "import random\nNAME = random.random()\nimport links", True),
        ("import importlib\nFIRST = random.random()\nimportlib.import_module('wave')", "import links", False),
        ("import users\nFIRST = 0", "import links", True),
        ("def draw():\n    return random.random()", "import links\nN = links.style.draw()\nimport wave", True),
        ("def draw():\n    N = random.random()\n    import wave", "import links\nlinks.style.draw()", True),
    ],
)
def test_a_number_that_a_library_draws_while_it_is_imported_is_its_own(tmp_path, style, user, bound):
    library = tmp_path / "site-packages" / "links"
    library.mkdir(parents=True)
    for name, text in {**LINKS, "style": f"import random\n{style}"}.items():
        (library / f"{name}.py").write_text(text)
    text = f"import sys\nsys.path.insert(0, {str(library.parent)!r})\n{user}"
    assert bool(bound_by(tmp_path, text, users="import random, wave\nNAME = random.random()")) == bound


@pytest.mark.parametrize("user, bound", [("import fakes", False), ("import fakes\nNAME = fakes.name()", True)])
@pytest.mark.parametrize("before", [True, False])
def test_a_number_that_the_user_draws_by_a_librarys_generator_binds(tmp_path, user, bound, before):
    """As Faker's, which its pytest plugin has imported."""
    library = tmp_path / "site-packages"
    library.mkdir()
    (library / "fakes.py").write_text(
        "import random\n_random = random.Random()\ndef name():\n    return _random.random()\n"
    )
    text = f"import sys\nsys.path.insert(0, {str(library)!r})\n"
    first = f"{text}observer.begin(); import fakes; observer.end(of_libraries=True)\n" if before else ""
    assert bool(bound_by(tmp_path, text + user, first=first)) == bound


@pytest.mark.parametrize("act, bound", [("random.random()", False), ("random.seed(1)", False)])
def test_a_number_that_a_plugin_draws_for_itself_is_its_own(tmp_path, act, bound):
    library = tmp_path / "site-packages"
    library.mkdir()
    generates = "import dataclasses\n@dataclasses.dataclass\nclass A:\n    a: int\n"
    assert bool(bound_by(library, f"import random\n{act}\n{generates}", of_libraries=True)) == bound


@pytest.mark.parametrize("of_libraries", [True, False])
def test_a_number_that_a_users_plugin_draws_binds(tmp_path, of_libraries):
    assert bound_by(tmp_path, "import random\nNAME = random.random()", of_libraries=of_libraries)


def test_a_thread_that_sitecustomize_has_started_counts(tmp_path):
    started = """
        import threading
        threading.Thread(target=threading.Event().wait, daemon=True, name='agent').start()
    """
    found = bound_by(tmp_path, "", first=f"{textwrap.dedent(started)}observer.begin(from_start=True)")
    assert found == ["thread 'agent' runs"]


def test_nothing_is_left_in_place(tmp_path):
    program = f"""
import sys; sys.path.insert(0, {str(PACKAGE)!r})
import os, random, socket, threading, time
from trun_worker.observe.observer import Observer
names = [(os, "getpid"), (os, "urandom"), (random, "_urandom"), (threading.Thread, "start"),
         (random.Random, "seed"), (random, "seed"), (socket.socket, "getsockname"), (threading, "get_native_id"),
         (type(os.environ), "__getitem__"), (type(os.environ), "__iter__")]
before = [getattr(owner, name) for owner, name in names]
observer = Observer()
observer.begin(); observer.end()
assert [getattr(owner, name) for owner, name in names] == before
assert observer.end() == []
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_pytest_may_lie_in_a_checkout(tmp_path):
    package = tmp_path / "checkout" / "_pytest"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    program = f"""
import sys; sys.path[:0] = [{str(PACKAGE)!r}, {str(package.parent)!r}]
import _pytest
from trun_worker.observe import origins
assert not origins.is_runner(_pytest.__file__)
origins.learn_runners()
assert origins.is_runner(_pytest.__file__) and origins.is_library(_pytest.__file__)
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_what_another_process_would_do_again_is_told_with_its_file_wherever_the_process_stands(tmp_path):
    (tmp_path / "below").mkdir()
    text = """
        import os, uuid
        os.chdir("below")
        os.mkdir("made")
        LOG = open("log", "w")
        ID = uuid.uuid4()
    """
    (tmp_path / "suite.py").write_text(textwrap.dedent(text))
    again = WATCH.format(package=str(PACKAGE), folder=str(tmp_path), first="") + "\nprint(observer.repeated)\n"
    done = subprocess.run([sys.executable, "-c", again], cwd=tmp_path, capture_output=True, text=True, check=True)
    *found, repeated = done.stdout.splitlines()
    assert [line.partition(":")[2][:1] for line in found[:3]] == ["4", "5", "6"], "all of it was seen"
    ((path, sentence),) = ast.literal_eval(repeated)
    assert path == str(tmp_path / "suite.py")
    assert sentence.endswith("suite.py:6 drew random bytes (os.urandom, uuid, secrets)")
