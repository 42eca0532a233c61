import concurrent.futures
import multiprocessing
import os
import signal
import subprocess
import sys
import time

import pytest


def square(number):
    return number * number


def test_exit_status_of_a_fork():
    child = os.fork()
    if child == 0:
        os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_pool(method):
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.map(square, range(4)) == [0, 1, 4, 9]


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_executor(method):
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(method)) as executor:
        assert list(executor.map(square, range(4))) == [0, 1, 4, 9]


def test_interpreter():
    done = subprocess.run([sys.executable, "-c", "print(1)"], capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"


def test_daemon_that_stays():
    process = multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,), daemon=True)
    process.start()


def test_signal_to_its_own_process():
    caught = []
    before = signal.signal(signal.SIGUSR1, lambda number, frame: caught.append(number))
    os.kill(os.getpid(), signal.SIGUSR1)
    signal.signal(signal.SIGUSR1, before)
    assert caught == [signal.SIGUSR1]
