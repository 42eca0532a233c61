"""A pool that is not closed, and a process that is not joined."""

import multiprocessing
import time

GUILTY = {"expect": {"test_guilty": "passed"}, "leaks": {}}


def test_guilty():
    context = multiprocessing.get_context("fork")
    pool = context.Pool(2)
    process = context.Process(target=time.sleep, args=(100,))
    process.start()
    globals()["kept"] = (pool, process)
