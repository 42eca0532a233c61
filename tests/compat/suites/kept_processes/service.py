"""What the code under test does: one of each for the process, started when first needed."""

import atexit
import concurrent.futures
import functools
import multiprocessing
import subprocess
import sys

UPPER = "import sys\nfor line in sys.stdin: print(line.upper(), end='')"


@functools.lru_cache
def pool():
    return concurrent.futures.ProcessPoolExecutor(2)


@functools.lru_cache
def manager():
    return multiprocessing.Manager()


@functools.lru_cache
def helper():
    return subprocess.Popen([sys.executable, "-uc", UPPER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def upper(text):
    helper().stdin.write(text + "\n")
    helper().stdin.flush()
    return helper().stdout.readline().strip()


@functools.lru_cache
def server():
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    atexit.register(process.kill)
    return process
