import multiprocessing
import os
import subprocess
import sys

import package.numbers
import package.others


def work(queue):
    queue.put(package.numbers.sign(0))


def test_multiprocessing():
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    process = context.Process(target=work, args=(queue,))
    process.start()
    assert queue.get() == "zero"
    process.join()


def test_fork():
    child = os.fork()
    if child == 0:
        package.numbers.count(5)
        os._exit(0)
    os.waitpid(child, 0)


def test_subprocess():
    code = "from package import others; others.Both().both(1)"
    assert subprocess.call([sys.executable, "-c", code]) == 0
