"""Replaces what a runner needs from the standard library, and leaves it so."""

import builtins
import gc
import json
import logging
import os
import select
import signal
import socket
import sys
import threading
import time
import warnings

GUILTY = {"alone": True, "code": 0, "expect": {"test_guilty": "passed"}}


def refuses(*args, **kwargs):
    raise RuntimeError("replaced by a test")


def test_guilty():
    for module, names in {
        os: "getpid read kill listdir readlink dup _exit",
        time: "perf_counter perf_counter_ns monotonic sleep",
        json: "dumps loads",
        select: "poll select",
        socket: "create_server create_connection",
        signal: "signal",
    }.items():
        for name in names.split():
            setattr(module, name, refuses)
    builtins.print = refuses
    gc.disable()
    logging.disable()
    warnings.simplefilter("error")
    sys.setswitchinterval(10)
    threading.settrace(lambda *_: None)
