"""A small HTTP server with faults on request: serve.py PORT [--name N] [--note FILE] [fault options]."""

import argparse
import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

parser = argparse.ArgumentParser()
parser.add_argument("port", type=int)
parser.add_argument("--name", default="serve")
parser.add_argument("--note", help="append '+name' to this file at the start, '-name' at the end")
parser.add_argument("--slow", type=float, default=0, help="seconds before it listens")
parser.add_argument("--unready", type=int, default=0, help="answer 503 to so many requests")
parser.add_argument("--deaf", action="store_true", help="ignore SIGTERM")
parser.add_argument("--daemon", action="store_true", help="leave a child in a session of its own")
parser.add_argument("--handed-over", action="store_true", help="listen on descriptor 3, as LISTEN_FDS says")
parser.add_argument("--memory", type=int, default=0, help="hold so many megabytes")
args = parser.parse_args()


def note(word):
    if args.note:
        fd = os.open(args.note, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(fd, f"{word}\n".encode())
        os.close(fd)


def stop(*_):
    note(f"-{args.name}")
    os._exit(0)


held = []


def hold(megabytes):
    held.append(bytearray(megabytes << 20))
    for i in range(0, len(held[-1]), 4096):
        held[-1][i] = 1


signal.signal(signal.SIGTERM, signal.SIG_IGN if args.deaf else stop)
unready = args.unready


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass  # the last lines of the log are to be the program's

    def do_GET(self):
        global unready
        if self.path == "/die":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.path == "/sick":
            unready = 10**9
        if self.path == "/grow":
            hold(200)
        ready = unready <= 0
        unready -= not ready
        body = json.dumps(
            {"status": "ok" if ready else "starting", "checks": {"db": ready}, "name": args.name}
        ).encode()
        if self.path == "/pid":
            body = str(os.getpid()).encode()
        self.send_response(200 if ready else 503)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


note(f"+{args.name}")
print(f"{args.name} starts", flush=True)
if args.daemon:
    subprocess.Popen([sys.executable, "-c", "import os, time; os.setsid(); time.sleep(600)"], stdin=subprocess.DEVNULL)
hold(args.memory)
time.sleep(args.slow)
if args.handed_over:
    assert (os.environ["LISTEN_PID"], os.environ["LISTEN_FDS"]) == (str(os.getpid()), "1")
    assert os.environ["LISTEN_FDNAMES"] == "http"
    server = http.server.ThreadingHTTPServer(("127.0.0.1", args.port), Handler, bind_and_activate=False)
    server.socket = socket.socket(fileno=3)
    assert server.socket.getsockname() == ("127.0.0.1", args.port)
else:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", args.port), Handler)
print(f"{args.name} listens", flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
while True:
    time.sleep(60)
