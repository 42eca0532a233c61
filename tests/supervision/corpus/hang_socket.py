"""Waits for somebody to call."""

import socket

import pytest

GUILTY = {"expect": {"test_guilty": "timed_out: timed out in call"}}


@pytest.mark.timeout(1)
def test_guilty():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.accept()
