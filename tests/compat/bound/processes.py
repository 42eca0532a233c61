"""Children, and what is shared with them."""

from __future__ import annotations

from bound.case import Case, cases_of

PROCESSES = {
    "helper process": """
        import atexit, os, subprocess, sys
        UPPER = "import sys\\nfor line in sys.stdin: print(line.upper(), end='')"
        HELPER = subprocess.Popen([sys.executable, "-uc", UPPER], stdin=-1, stdout=-1, text=True)
        atexit.register(HELPER.kill)
        def check(n, worker_id):
            assert HELPER.poll() is None
            HELPER.stdin.write(f"a{n} {os.getpid()}\\n")
            HELPER.stdin.flush()
            assert HELPER.stdout.readline() == f"A{n} {os.getpid()}\\n"
        """,
    "server process": """
        import atexit, socket, subprocess, sys
        SERVES = (
            "import socketserver\\n"
            "class H(socketserver.StreamRequestHandler):\\n"
            "    def handle(self): self.wfile.write(self.rfile.readline())\\n"
            "s = socketserver.TCPServer(('127.0.0.1', 0), H)\\n"
            "print(s.server_address[1], flush=True)\\n"
            "s.serve_forever()\\n"
        )
        SERVER = subprocess.Popen([sys.executable, "-c", SERVES], stdout=subprocess.PIPE, text=True)
        PORT = int(SERVER.stdout.readline())
        atexit.register(SERVER.kill)
        def check(n, worker_id):
            owner.own(f"port-{PORT}")
            with socket.create_connection(("127.0.0.1", PORT), 5) as client:
                client.sendall(b"line\\n")
                assert client.recv(10) == b"line\\n"
        """,
    "queue": """
        import multiprocessing, os
        QUEUE = multiprocessing.SimpleQueue()
        def check(n, worker_id):
            QUEUE.put((n, os.getpid()))
            assert QUEUE.get() == (n, os.getpid())
        """,
    "queue with a feeder": """
        import multiprocessing, os
        QUEUE = multiprocessing.Queue()
        QUEUE.put("first")
        assert QUEUE.get(timeout=5) == "first"
        def check(n, worker_id):
            QUEUE.put((n, os.getpid()))
            assert QUEUE.get(timeout=5) == (n, os.getpid())
        """,
    "value": """
        import multiprocessing
        VALUE = multiprocessing.Value("i", 0)
        COUNT = []
        def check(n, worker_id):
            with VALUE.get_lock():
                VALUE.value += 1
            COUNT.append(1)
            assert VALUE.value == len(COUNT)
        """,
    "lock": """
        import multiprocessing, os, time
        LOCK = multiprocessing.Lock()
        def check(n, worker_id):
            # Nobody else may hold a lock of this process.
            for _ in range(20):
                assert LOCK.acquire(block=False)
                time.sleep(0.001)
                LOCK.release()
        """,
    "shared memory": """
        import atexit
        from multiprocessing import shared_memory
        MEMORY = shared_memory.SharedMemory(create=True, size=8)
        atexit.register(MEMORY.unlink)
        COUNT = []
        def check(n, worker_id):
            owner.own(MEMORY.name)
            MEMORY.buf[0] += 1
            COUNT.append(1)
            assert MEMORY.buf[0] == len(COUNT)
        """,
}

#: They start processes, which import what the parent's main module is: not from a test module that is being imported.
STARTED = {
    "manager": """
        import multiprocessing
        MANAGER = multiprocessing.get_context("fork").Manager()
        DICT = MANAGER.dict()
        COUNT = []
        def check(n, worker_id):
            DICT[len(COUNT)] = n
            COUNT.append(n)
            assert len(DICT) == len(COUNT)
        """,
    "pool": """
        import multiprocessing, os
        POOL = multiprocessing.get_context("fork").Pool(1)
        def check(n, worker_id):
            assert POOL.apply_async(os.getppid).get(5) == os.getpid()
        """,
    "executor": """
        import concurrent.futures, multiprocessing, os
        POOL = concurrent.futures.ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork"))
        assert POOL.submit(pow, 2, 3).result(5) == 8
        def check(n, worker_id):
            assert POOL.submit(os.getppid).result(5) == os.getpid()
        """,
}

CASES: list[Case] = [*cases_of(PROCESSES), *cases_of(STARTED)]
