"""Recurses in C until the stack is used up."""

import ctypes

GUILTY = {"expect": {"test_guilty": r"crashed: crashed \(signal 11, SIGSEGV\) in call"}, "limit": 20}

COMPARE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)


def test_guilty():
    import sys

    sys.setrecursionlimit(10**9)
    numbers = (ctypes.c_int * 2)(2, 1)
    sort = ctypes.CDLL(None).qsort

    @COMPARE
    def compare(*_):
        sort(numbers, 2, 4, compare)
        return 0

    compare(None, None)
