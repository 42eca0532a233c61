"""Real servers on the loopback, each on a port of its own: PostgreSQL, Redis, and one that gives back each line."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

POSTGRESQL = sorted(Path("/usr/lib/postgresql").glob("*/bin"))

LINES = """
import socketserver, time
class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            time.sleep(0.002)
            self.wfile.write(line)
class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
server = Server(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
"""


class Missing(Exception):
    """A server that is not installed. The message names it."""


@contextlib.contextmanager
def served(name: str, folder: Path) -> Iterator[dict[str, str]]:
    """Variables that a suite finds the server by, while it runs. `folder` does not exist yet."""
    with {"lines": _lines, "redis": _redis, "postgresql": _postgresql}[name](folder) as variables:
        yield variables


@contextlib.contextmanager
def _lines(_folder: Path) -> Iterator[dict[str, str]]:
    with _process([sys.executable, "-c", LINES], stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        yield {"BOUND_PORT": server.stdout.readline().decode().strip()}


@contextlib.contextmanager
def _redis(folder: Path) -> Iterator[dict[str, str]]:
    program = shutil.which("redis-server")
    if program is None:
        raise Missing("redis-server")
    port = _free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    folder.mkdir()
    with _process(command, stdout=subprocess.DEVNULL):
        _wait_for(port)
        yield {"BOUND_PORT": str(port)}


@contextlib.contextmanager
def _postgresql(folder: Path) -> Iterator[dict[str, str]]:
    """As the user postgres where we are root, because it refuses to run as root."""
    if not POSTGRESQL:
        raise Missing("postgresql")
    port = _free_port()
    as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    folder.mkdir()
    if as_user:
        shutil.chown(folder, "postgres", "postgres")
    data = folder / "data"
    initdb = [str(POSTGRESQL[-1] / "initdb"), "-D", str(data), "-A", "trust", "-U", "bound", "--no-sync"]
    subprocess.run([*as_user, *initdb], check=True, capture_output=True, cwd="/")
    server = [str(POSTGRESQL[-1] / "postgres"), "-D", str(data), "-p", str(port), "-k", str(folder), "-h", "127.0.0.1"]
    with _process([*as_user, *server, "-c", "fsync=off"], stdout=subprocess.DEVNULL):
        _wait_for(port)
        yield {
            "BOUND_PORT": str(port),
            "BOUND_DSN": f"host=127.0.0.1 port={port} user=bound dbname=postgres",
            "BOUND_URL": f"postgresql+psycopg://bound@127.0.0.1:{port}/postgres",
        }


@contextlib.contextmanager
def _process(command: list[str], stdout: int) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, stdout=stdout, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, cwd="/")
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
