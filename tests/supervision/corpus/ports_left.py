"""Leaves a port listening."""

import socket

GUILTY = {"expect": {"test_guilty": "passed"}, "leaks": {"test_guilty": ["ports"]}}


def test_guilty():
    globals()["kept"] = socket.create_server(("127.0.0.1", 0))
