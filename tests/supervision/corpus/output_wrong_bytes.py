"""Writes what is no UTF-8, what is no XML, and what a terminal would obey."""

import os

GUILTY = {"expect": {"test_guilty": "failed"}}


def test_guilty():
    os.write(1, bytes(range(256)) + b"\xff\xfe\xed\xa0\x80\x00\x1b[2J\x1b]0;title\x07 ]]> & <tag>")
    os.write(2, b"no line break")
    raise ValueError("\x00\x01\ufffe\ud800 ]]> \x1b[31m \r\n \x85 \u2028")
