"""Threads, Python's and native, and event loops: what a fork loses, or stops for ever."""

from __future__ import annotations

from bound.case import ONE_HOME, Case, cases_of

PYTHON = {
    "daemon thread": """
        import queue, threading
        INBOX, SEEN = queue.Queue(), []
        def work():
            while True:
                SEEN.append(INBOX.get())
        threading.Thread(target=work, daemon=True).start()
        def check(n, worker_id):
            INBOX.put(n)
            owner.soon(lambda: n in SEEN)
        """,
    "queue listener": """
        import logging, logging.handlers, queue
        SEEN = []
        class Keeps(logging.Handler):
            def emit(self, record):
                SEEN.append(record.getMessage())
        QUEUE = queue.Queue()
        LISTENER = logging.handlers.QueueListener(QUEUE, Keeps())
        LISTENER.start()
        LOGGER = logging.getLogger("bound")
        LOGGER.addHandler(logging.handlers.QueueHandler(QUEUE))
        def check(n, worker_id):
            LOGGER.warning("number %d", n)
            owner.soon(lambda: f"number {n}" in SEEN)
        """,
    "thread pool": """
        import concurrent.futures
        POOL = concurrent.futures.ThreadPoolExecutor(2)
        assert POOL.submit(int, "3").result() == 3
        def check(n, worker_id):
            assert POOL.submit(int, str(n)).result(5) == n
        """,
    "timer": """
        import threading
        TICKS = []
        def tick():
            TICKS.append(1)
            timer = threading.Timer(0.05, tick)
            timer.daemon = True
            timer.start()
        tick()
        def check(n, worker_id):
            before = len(TICKS)
            owner.soon(lambda: len(TICKS) > before)
        """,
    "scheduler": """
        import sched, threading, time
        DONE, JOBS, THERE = [], [], threading.Condition()
        def serve():
            plan = sched.scheduler()
            while True:
                with THERE:
                    while not JOBS:
                        THERE.wait()
                    plan.enter(0.01, 1, DONE.append, (JOBS.pop(),))
                plan.run()
        threading.Thread(target=serve, daemon=True).start()
        def check(n, worker_id):
            with THERE:
                JOBS.append(n)
                THERE.notify()
            owner.soon(lambda: n in DONE)
        """,
    "loop in a thread": """
        import asyncio, threading
        LOOP = asyncio.new_event_loop()
        threading.Thread(target=LOOP.run_forever, daemon=True).start()
        async def double(n):
            await asyncio.sleep(0)
            return 2 * n
        def check(n, worker_id):
            assert asyncio.run_coroutine_threadsafe(double(n), LOOP).result(5) == 2 * n
        """,
}

LOOPS = {
    "event loop": """
        import asyncio, os
        LOOP = asyncio.new_event_loop()
        async def echo(n):
            server = await asyncio.start_server(answer, "127.0.0.1", 0)
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.write(f"{n} {os.getpid()}\\n".encode())
            line = await asyncio.wait_for(reader.readline(), 5)
            writer.close()
            server.close()
            return line.decode().strip()
        async def answer(reader, writer):
            writer.write(await reader.readline())
            writer.close()
        def check(n, worker_id):
            assert LOOP.run_until_complete(asyncio.wait_for(echo(n), 5)) == f"{n} {os.getpid()}"
        """,
    "epoll": """
        import os, select
        READ, WRITE = os.pipe()
        EPOLL = select.epoll()
        EPOLL.register(READ, select.EPOLLIN)
        def check(n, worker_id):
            os.write(WRITE, b"x%05d" % (os.getpid() % 100000))
            assert EPOLL.poll(5) == [(READ, select.EPOLLIN)]
            assert os.read(READ, 6) == b"x%05d" % (os.getpid() % 100000)
        """,
    "inotify": """
        import ctypes, os, select, tempfile
        LIBC = ctypes.CDLL(None, use_errno=True)
        FOLDER = tempfile.mkdtemp()
        WATCH = LIBC.inotify_init1(os.O_NONBLOCK)
        assert LIBC.inotify_add_watch(WATCH, FOLDER.encode(), 0x100) > 0
        MADE = []
        def check(n, worker_id):
            owner.own(FOLDER)
            MADE.append(f"{len(MADE)}-{os.getpid()}")
            open(os.path.join(FOLDER, MADE[-1]), "w").close()
            assert select.select([WATCH], [], [], 5)[0]
            assert MADE[-1].encode() in os.read(WATCH, 4096)
        """,
}

#: A process has one of each: the last module's counts.
ONE_A_PROCESS = {
    "tracebacks later": """
        import faulthandler, os
        LOG = open(f"tracebacks-{os.getpid()}.txt", "w")
        # A thread of its own, which waits. It never writes: it reads the frames of threads that run, and that may crash.
        faulthandler.dump_traceback_later(3600, repeat=True, file=LOG)
        def check(n, worker_id):
            assert len(os.listdir("/proc/self/task")) > 1
        """,
    "interval timer": """
        import atexit, signal
        TICKS = []
        signal.signal(signal.SIGALRM, lambda number, frame: TICKS.append(1))
        signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
        atexit.register(signal.setitimer, signal.ITIMER_REAL, 0)
        def check(n, worker_id):
            before = len(TICKS)
            owner.soon(lambda: len(TICKS) > before)
        """,
    "alarm": """
        import signal
        signal.signal(signal.SIGALRM, lambda number, frame: None)
        signal.alarm(600)
        def check(n, worker_id):
            assert signal.getitimer(signal.ITIMER_REAL)[0] > 0
        """,
}

NATIVE = [
    Case(
        "polars",
        """
        import polars as pl
        FRAME = pl.DataFrame({"k": [i % 7 for i in range(50_000)], "v": list(range(50_000))})
        def sums():
            return FRAME.lazy().filter(pl.col("v") >= 0).group_by("k").agg(pl.col("v").sum()).sort("k").collect()
        EXPECTED = sums()
        def check(n, worker_id):
            assert sums().equals(EXPECTED)
        """,
        requires=("polars",),
    ),
    Case(
        "openmp",
        """
        import numpy as np
        from sklearn.cluster import KMeans
        POINTS = np.random.RandomState(1).rand(20_000, 8)
        def inertia():
            return KMeans(n_clusters=4, n_init=1, max_iter=5, random_state=1).fit(POINTS).inertia_
        EXPECTED = inertia()
        def check(n, worker_id):
            assert abs(inertia() - EXPECTED) < 1e-6
        """,
        requires=("sklearn",),
    ),
    Case(
        "openblas",
        """
        import numpy as np
        SQUARE = np.random.RandomState(1).rand(600, 600)
        EXPECTED = (SQUARE @ SQUARE).sum()
        def check(n, worker_id):
            assert np.isclose((SQUARE @ SQUARE).sum(), EXPECTED)
        """,
        requires=("numpy",),
    ),
    Case(
        "native thread",
        """
        import ctypes, pathlib
        LIBC = ctypes.CDLL(None)
        THREAD = ctypes.c_ulong()
        assert LIBC.pthread_create(ctypes.byref(THREAD), None, LIBC.pause, None) == 0
        assert LIBC.pthread_setname_np(THREAD, b"bound") == 0
        def check(n, worker_id):
            names = [path.read_text().strip() for path in pathlib.Path("/proc/self/task").glob("*/comm")]
            assert "bound" in names
        """,
    ),
    Case(
        "java",
        """
        import jpype
        if not jpype.isJVMStarted():
            jpype.startJVM("-Xmx64m", convertStrings=True)
        LIST = jpype.JClass("java.util.concurrent.Executors").newFixedThreadPool(1)
        def check(n, worker_id):
            text = jpype.JClass("java.lang.String").valueOf(jpype.JInt(n))
            assert str(text) == str(n)
            jpype.JClass("java.lang.System").gc()
        """,
        requires=("jpype",),
    ),
]

CASES: list[Case] = [*cases_of(PYTHON), *cases_of(LOOPS), *cases_of(ONE_A_PROCESS, places=ONE_HOME), *NATIVE]
