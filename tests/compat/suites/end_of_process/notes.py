"""Each process has a log of its own, and nobody closes it. That a process has ended is said once, by the first who can."""

import atexit
import functools
import os
import weakref


@functools.lru_cache
def log():
    atexit.register(said, "atexit")
    weakref.finalize(said, said, "finalizer")
    return open(f"log-{os.getpid()}.txt", "w")


def said(who):
    try:
        with open(f"ended-{who}.txt", "x") as file:
            file.write(f"{who}\n")
    except FileExistsError:
        pass


def note(text):
    log().write(text + "\n")
