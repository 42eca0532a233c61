"""What of a process acts when it is freed, and what is known to do nothing."""

import textwrap

import pytest
from ends import run

#: As the library's, which is true while it has begun and has not ended.
GREENLETS = textwrap.dedent("""
    class greenlet:
        __module__ = "greenlet"
        def __init__(self, begun, parent): self.begun, self.above = begun, parent
        def __bool__(self): return self.begun
        parent = property(lambda self: self.above)
""")

KEPT = {
    "click's streams": """
        import io
        class Named(io.TextIOWrapper):
            def close(self): pass
        Named.__module__ = "click.testing"
        s = Named(io.BytesIO())
        s.write("kept back")
    """,
    "nothing": "",
    "a class without a finalizer": "class A: pass\na = A()\na.me = a",
    "a file that was closed": "f = open(path, 'w'); f.write('x'); f.close()",
    "a file that is read": "f = open(__file__)",
    "what is written to nowhere": "import os\nf = open(os.devnull, 'w')",
    "a generator that has not begun": "g = (x for x in [1])",
    "a child that was waited for": "import subprocess, sys\np = subprocess.Popen([sys.executable, '-c', ''])\np.wait()",
    "a weak method without a callback": """
        import weakref
        class A:
            def m(self): pass
        a = A()
        r = weakref.WeakMethod(a.m)
    """,
    "greenlets that are over, and the thread's own": GREENLETS
    + "over = greenlet(False, 1)\nmain = greenlet(True, None)",
    "XML that was written": "from lxml import etree\nwith etree.xmlfile(path) as f:\n    f.write(etree.Element('a'))\ndel f",
    "a database in memory": "import sqlite3\nc = sqlite3.connect(':memory:')\nc.execute('create table t (a)')",
    "a stream of the user's that is read": """
        import io
        class Limited(io.IOBase):
            def read(self, size=-1): return b""
        class Named(io.BytesIO): pass
        class Reader(io.BufferedReader): pass
        s, n, r = Limited(), Named(), Reader(io.BytesIO(b"x"))
    """,
    "a resource that is a file": """
        import contextlib, importlib.resources, pathlib
        path = importlib.resources.as_file(pathlib.Path(__file__))
        path.__enter__()
    """,
    "a proxy without a callback": "import weakref\nclass A: pass\na = A()\nr = weakref.proxy(a)",
    "a coroutine that is over": """
        async def over(): pass
        c = over()
        try:
            c.send(None)
        except StopIteration:
            pass
    """,
    "an asynchronous generator of httpx that waits": """
        space = {"__name__": "httpx._auth"}
        exec("async def gen():\\n    yield", space)
        g = space["gen"]()
        try:
            g.asend(None).send(None)
        except StopIteration:
            pass
    """,
    "a file in memory that may become one": "import tempfile\nf = tempfile.SpooledTemporaryFile()\nf.write(b'x')",
    "futures that are done": """
        import asyncio
        loop = asyncio.new_event_loop()
        done = loop.create_future()
        done.set_result(1)
        async def run(): pass
        task = loop.create_task(run())
        loop.run_until_complete(task)
        loop.close()
    """,
    "an event loop that was closed": "import asyncio\nloop = asyncio.new_event_loop()\nloop.close()",
}
ACTS = {
    "what cffi's gc() has made": """
        kind = type("__CDataGCP", (), {"__module__": "_cffi_backend"})
        pointer = kind()
    """,
    "a stream of one's own": """
        import io
        class Named(io.TextIOWrapper):
            def close(self): pass
        s = Named(io.BytesIO())
        s.write("kept back")
    """,
    "a finalizer": "class A:\n    def __del__(self): pass\na = A()",
    "a finalizer of what cannot be in a cycle": "class A:\n    __slots__ = ()\n    def __del__(self): pass\na = A()",
    "the same of another metaclass": """
        import abc
        class A(abc.ABC):
            __slots__ = ()
            def __del__(self): pass
        a = A()
    """,
    "further interpreters": "import sys\nsys.modules['_interpreters'] = sys",
    "a file that is written": "f = open(path, 'w')",
    "a database": "import sqlite3\nc = sqlite3.connect(path)",
    "a database with a finalizer of the user's": """
        import sqlite3
        class Own(sqlite3.Connection):
            def __del__(self): pass
        c = sqlite3.connect(':memory:', factory=Own)
    """,
    "a database whose journal is not empty": """
        import sqlite3
        c = sqlite3.connect(path)
        c.execute("pragma journal_mode=wal")
        c.execute("create table t (a)")
    """,
    "a generator that waits": "def gen():\n    try:\n        yield\n    finally:\n        print()\ng = gen()\nnext(g)",
    "a callback": "import weakref\nclass A: pass\na = A()\nr = weakref.ref(a, print)",
    "a proxy": "import weakref\nclass A: pass\na = A()\nr = weakref.proxy(a, print)",
    "a callback for a method": """
        import weakref
        class A:
            def m(self): pass
        a = A()
        r = weakref.WeakMethod(a.m, print)
    """,
    "a finalizer that a metaclass hides": """
        class Hides(type):
            __mro__ = ()
            def __getattribute__(cls, name):
                if name == "__del__": raise AttributeError
                return super().__getattribute__(name)
        class A(metaclass=Hides):
            def __del__(self): pass
        a = A()
    """,
    "a class that acts": """
        class Acts(type):
            def __del__(cls): pass
        class A(metaclass=Acts): pass
    """,
    "a kind of child of one's own": """
        import subprocess, sys
        class Child(subprocess.Popen):
            def __del__(self): pass
        c = Child([sys.executable, "-c", ""])
        c.wait()
    """,
    "a kind of database of one's own": """
        import sqlite3
        class Own(sqlite3.Connection): pass
        c = sqlite3.connect(path, factory=Own)
    """,
    "a stream of one's own to the standard output": "f = open(1, 'w', closefd=False)",
    "a file where a standard stream was": "import os\nos.close(0)\nf = open(path, 'w')",
    "warnings that are shown": "import warnings\nwarnings.simplefilter('always')",
    "a greenlet that waits": GREENLETS + "waits = greenlet(True, 1)",
    "a greenlet that says it does not": GREENLETS
    + """
class Own(greenlet):
    def __bool__(self): return False
    parent = None
waits = Own(True, 1)
""",
    "a connection of psycopg2": "class Connection: pass\nConnection.__module__ = 'psycopg2.extensions'\nc = Connection()",
    "what a type of C's makes": """
        from trun_worker.system import acting
        acting._C_MODULES = frozenset({"xml.etree.ElementTree"})
        from xml.etree import ElementTree
        e = ElementTree.Element("a")
    """,
    "a stream in memory with an end of its own": """
        import io
        class Named(io.BytesIO): pass
        n = Named()
        n.close = lambda: print("closed")
    """,
    "a file with an end of its own": "f = open(__file__)\nf.close, f.mode = lambda: print('closed'), 'r'",
    "a stream that hears of its end": """
        import io
        class Hears(io.RawIOBase):
            def __setattr__(self, name, value): print(name)
        h = Hears()
    """,
    "a reader of what is no stream": """
        import io
        class Raw:
            closed = False
            def readable(self): return True
            def close(self): print("closed")
        r = io.BufferedReader(Raw())
    """,
    "XML that is not at its end": "from lxml import etree\nf = etree.xmlfile(path)\nw = f.__enter__()",
    "a stream that does something when it is closed": """
        import io
        class Sends(io.RawIOBase):
            def close(self): print("sent")
        s = Sends()
    """,
    "a writer of the user's": "import io\nclass Own(io.TextIOWrapper): pass\ns = Own(open(path, 'wb'))",
    "a child that was not waited for": "import subprocess, sys\np = subprocess.Popen([sys.executable, '-c', ''])",
    "a coroutine that nobody has awaited": "async def never(): pass\nc = never()",
    "a coroutine that waits": """
        class Waits:
            def __await__(self): yield
        async def waits():
            try:
                await Waits()
            finally:
                print()
        c = waits()
        c.send(None)
    """,
    "an asynchronous generator that waits": """
        async def gen():
            try:
                yield
            finally:
                print()
        g = gen()
        try:
            g.asend(None).send(None)
        except StopIteration:
            pass
    """,
    "a future whose exception nobody has seen": """
        import asyncio
        loop = asyncio.new_event_loop()
        failed = loop.create_future()
        failed.set_exception(OSError())
        loop.close()
    """,
    "a file with a name": "import tempfile\nf = tempfile.NamedTemporaryFile('w')",
    "an event loop": "import asyncio\nloop = asyncio.new_event_loop()",
    "who traces": "import sys\nsys.settrace(lambda *a: None)",
}


def none_left(text, tmp_path, *options):
    ask = "\nfrom trun_worker.system import acting\nprint(acting.Look().first_left() is None, file=sys.stderr)\n"
    return "True" in run(textwrap.dedent(text) + ask, tmp_path, *options).stderr


@pytest.mark.parametrize("name", KEPT)
def test_nobody_can_tell(name, tmp_path):
    assert none_left(KEPT[name], tmp_path)


@pytest.mark.parametrize("name", ACTS)
def test_somebody_can_tell(name, tmp_path):
    assert not none_left(ACTS[name], tmp_path)


def test_warnings_of_what_was_not_closed_are_shown_where_they_were_asked_for(tmp_path):
    assert not none_left("", tmp_path, "-Wdefault")
    assert not none_left("", tmp_path, "-Xdev")


@pytest.mark.parametrize(
    "name, idle",
    [
        ("somebodys._speedups", False),
        ("numpy.core._multiarray", True),
        ("google._upb._message", True),
        ("google.x", False),
        ("_cffi_backend", True),
        ("cryptography.hazmat.bindings._rust", True),
        ("watchfiles._rust_notify", True),
        ("psycopg2._psycopg", True),
        ("81d243bd2c585b0f4821__mypyc", True),
        ("mine__mypyc", False),
    ],
)
def test_an_extension_that_did_not_come_with_python_is_nobodys_guess(tmp_path, name, idle):
    loaded = f"""
        from importlib.machinery import ExtensionFileLoader, ModuleSpec
        from types import ModuleType
        module = ModuleType({name!r})
        module.__spec__ = ModuleSpec({name!r}, ExtensionFileLoader({name!r}, "/x/fast.so"), origin="/x/fast.so")
        sys.modules[{name!r}] = module
    """
    assert none_left(loaded, tmp_path) == idle
