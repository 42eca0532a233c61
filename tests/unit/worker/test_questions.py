"""Questions over a channel: answers find who asked, whatever else comes in between, from any thread."""

import json
import os
import signal
import socket
import struct
import threading

import pytest

from trun_worker.wire.channel import Channel, Disconnected, Refused


class Engine:
    """The other end of a channel, in this process."""

    def __init__(self, end):
        self.socket = end
        self.buffer = b""

    def send(self, frame, fds=()):
        payload = json.dumps(frame).encode()
        socket.send_fds(self.socket, [struct.pack("<I", len(payload)) + payload], list(fds))

    def answer(self, question, value=None, error=None, fds=()):
        self.send({"t": "answer", "id": question["id"], "value": value, "error": error, "fds": len(fds)}, fds)

    def receive(self):
        while True:
            if len(self.buffer) >= 4:
                (length,) = struct.unpack("<I", self.buffer[:4])
                if len(self.buffer) >= 4 + length:
                    frame, self.buffer = json.loads(self.buffer[4 : 4 + length]), self.buffer[4 + length :]
                    return frame
            self.buffer += self.socket.recv(1 << 16)


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    channel = Channel(theirs.detach())
    yield channel, Engine(ours)
    channel.close()
    ours.close()


def asking(channel, name, results):
    def ask():
        try:
            results[name] = channel.ask(name, {"for": name})
        except Exception as error:
            results[name] = error

    thread = threading.Thread(target=ask)
    thread.start()
    return thread


def test_an_answer_comes_with_its_descriptors(ends):
    channel, engine = ends
    results = {}
    thread = asking(channel, "port", results)
    question = engine.receive()
    assert (question["t"], question["name"], question["args"]) == ("question", "port", {"for": "port"})
    with open(os.devnull, "rb") as file:
        engine.answer(question, 8000, fds=[file.fileno()])
    thread.join()
    value, (fd,) = results["port"]
    assert value == 8000
    assert os.readlink(f"/proc/self/fd/{fd}") == os.devnull
    os.close(fd)


def test_a_refusal_is_raised_with_its_reason(ends):
    channel, engine = ends
    results = {}
    thread = asking(channel, "port", results)
    engine.answer(engine.receive(), error="it is taken")
    thread.join()
    assert isinstance(results["port"], Refused)
    assert str(results["port"]) == "it is taken"


def test_frames_that_come_before_the_answer_are_kept_in_order(ends):
    channel, engine = ends
    results = {}
    thread = asking(channel, "port", results)
    question = engine.receive()
    engine.send({"t": "assign", "items": ["a"]})
    engine.send({"t": "finish"})
    engine.answer(question, 1)
    thread.join()
    assert results["port"] == (1, [])
    assert channel.pending()
    assert channel.receive()["t"] == "assign"
    assert channel.receive()["t"] == "finish"
    assert not channel.pending()


def test_answers_find_the_threads_that_asked_whatever_their_order(ends):
    channel, engine = ends
    results = {}
    threads = [asking(channel, f"q{number}", results) for number in range(5)]
    questions = [engine.receive() for _ in threads]
    for question in reversed(questions):
        engine.answer(question, question["name"])
    for thread in threads:
        thread.join()
    assert results == {f"q{number}": (f"q{number}", []) for number in range(5)}


def test_a_thread_may_ask_while_the_run_loop_waits_for_work(ends):
    channel, engine = ends
    results = {}
    received = []
    loop = threading.Thread(target=lambda: received.append(channel.receive()))
    loop.start()
    thread = asking(channel, "port", results)
    engine.answer(engine.receive(), 5)
    thread.join()
    engine.send({"t": "finish"})
    loop.join()
    assert results["port"] == (5, [])
    assert received == [{"t": "finish"}]


def test_an_answer_that_nobody_waits_for_any_more_leaves_nothing_behind(ends):
    channel, engine = ends

    def interrupted(*_):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupted)
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    try:
        with pytest.raises(KeyboardInterrupt):
            channel.ask("port", {})
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    late = engine.receive()
    with open(os.devnull, "rb") as file:
        engine.answer(late, 1, fds=[file.fileno()])
    descriptors = len(os.listdir("/proc/self/fd"))
    results = {}
    thread = asking(channel, "next", results)
    engine.answer(engine.receive(), 2)
    thread.join()
    assert results["next"] == (2, [])
    assert len(os.listdir("/proc/self/fd")) == descriptors


def test_the_end_of_the_engine_ends_the_wait(ends):
    channel, engine = ends
    results = {}
    thread = asking(channel, "port", results)
    engine.receive()
    engine.socket.shutdown(socket.SHUT_RDWR)
    thread.join()
    assert isinstance(results["port"], Disconnected)


def test_a_forked_child_cannot_ask(ends):
    channel, _ = ends
    pid = os.fork()
    if pid == 0:
        try:
            channel.ask("port", {})
        except Refused as refused:
            os._exit(0 if "before it forks" in str(refused) else 2)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
