"""Temporary folders, logs, databases and caches on disk, locks: what each process makes under a name of its own."""

from __future__ import annotations

from bound.case import Case, cases_of

FILES = {
    "temporary folder": """
        import atexit, os, shutil, tempfile
        FOLDER = tempfile.mkdtemp()
        atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
        def check(n, worker_id):
            owner.own(FOLDER)
            with open(os.path.join(FOLDER, "file"), "a") as file:
                file.write("x")
        """,
    "temporary folder object": """
        import os, tempfile
        FOLDER = tempfile.TemporaryDirectory()
        def check(n, worker_id):
            owner.own(FOLDER.name)
            assert os.path.isdir(FOLDER.name)
        """,
    "temporary file": """
        import os, tempfile
        FILE, PATH = tempfile.mkstemp()
        WRITTEN = []
        def check(n, worker_id):
            owner.own(PATH)
            os.write(FILE, b"x")
            WRITTEN.append(1)
            assert os.path.getsize(PATH) == len(WRITTEN)
        """,
    "numbered folder": """
        import itertools, os
        for number in itertools.count():
            try:
                os.mkdir(f"run-{number}")
            except FileExistsError:
                continue
            break
        def check(n, worker_id):
            owner.own(f"run-{number}")
        """,
    "open log": """
        import os
        PATH = f"log-{__name__}-{os.getpid()}.txt"
        LOG = open(PATH, "w", buffering=1)
        LINES = []
        def check(n, worker_id):
            LOG.write(f"{n}\\n")
            LINES.append(f"{n}\\n")
            owner.own(PATH)
            assert open(PATH).readlines() == LINES
        """,
    "log handler": """
        import logging, os
        PATH = f"handler-{__name__}-{os.getpid()}.log"
        HANDLER = logging.FileHandler(PATH)
        LOGGER = logging.getLogger(f"bound.{__name__}")
        LOGGER.addHandler(HANDLER)
        LINES = []
        def check(n, worker_id):
            LOGGER.warning("%d", n)
            LINES.append(f"{n}\\n")
            owner.own(PATH)
            assert open(PATH).readlines() == LINES
        """,
    "lock on a file": """
        import fcntl, itertools, os
        for number in itertools.count():
            LOCK = open(f"lock-{number}", "w")
            try:
                fcntl.flock(LOCK, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            break
        def check(n, worker_id):
            owner.own(f"lock-{number}")
            with open(f"lock-{number}", "w") as again:
                try:
                    fcntl.flock(again, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return
                raise AssertionError("the lock is lost")
        """,
    "lock of a process": """
        import fcntl, os, struct
        LOCK = open(f"lock-{os.getpid()}", "w")
        fcntl.lockf(LOCK, fcntl.LOCK_EX | fcntl.LOCK_NB)
        def check(n, worker_id):
            # The kernel names the owner to other processes only.
            asker = os.fork()
            if asker == 0:
                asked = fcntl.fcntl(LOCK, fcntl.F_GETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))
                os._exit(0 if struct.unpack("hhqqi4x", asked)[4] == os.getppid() else 1)
            assert os.waitstatus_to_exitcode(os.waitpid(asker, 0)[1]) == 0
        """,
    "sqlite file": """
        import os, sqlite3
        PATH = f"{__name__}-{os.getpid()}.sqlite"
        CONNECTION = sqlite3.connect(PATH, timeout=1)
        CONNECTION.execute("create table t (n integer)")
        CONNECTION.commit()
        INSERTED = []
        def check(n, worker_id):
            owner.own(PATH)
            CONNECTION.execute("insert into t values (?)", (n,))
            CONNECTION.commit()
            INSERTED.append(n)
            assert CONNECTION.execute("select count(*) from t").fetchone() == (len(INSERTED),)
        """,
    "sqlite in memory": """
        import sqlite3
        CONNECTION = sqlite3.connect(":memory:")
        CONNECTION.execute("create table t (n integer)")
        INSERTED = []
        def check(n, worker_id):
            CONNECTION.execute("insert into t values (?)", (n,))
            INSERTED.append(n)
            assert CONNECTION.execute("select count(*) from t").fetchone() == (len(INSERTED),)
        """,
    "shelf": """
        import os, shelve, tempfile
        SHELF = shelve.open(os.path.join(tempfile.mkdtemp(), "shelf"))
        PUT = []
        def check(n, worker_id):
            SHELF[f"{len(PUT)}-{os.getpid()}"] = n
            PUT.append(n)
            SHELF.sync()
            assert len(SHELF) == len(PUT)
        """,
    "shared map": """
        import mmap, os
        MAP = mmap.mmap(-1, 8)
        COUNT = []
        def check(n, worker_id):
            MAP[:8] = (int.from_bytes(MAP[:8], "little") + 1).to_bytes(8, "little")
            COUNT.append(1)
            assert int.from_bytes(MAP[:8], "little") == len(COUNT)
        """,
}

CASES: list[Case] = [
    *cases_of(FILES),
    Case(
        "disk cache",
        """
        import diskcache, os, tempfile
        CACHE = diskcache.Cache(tempfile.mkdtemp())
        PUT = []
        def check(n, worker_id):
            owner.own(CACHE.directory)
            CACHE[f"{len(PUT)}"] = os.getpid()
            PUT.append(n)
            assert len(CACHE) == len(PUT)
        """,
        requires=("diskcache",),
    ),
]
