"""Dies without a word: faulthandler is off."""

import ctypes
import faulthandler

GUILTY = {"expect": {"test_guilty": r"crashed: crashed \(signal 11, SIGSEGV\) in call"}}


def test_guilty():
    faulthandler.disable()
    ctypes.string_at(0)
