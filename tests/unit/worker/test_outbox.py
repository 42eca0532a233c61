"""Frames are whole, whatever interrupts the writer."""

import os
import signal
import socket
import threading
import time

import pytest

from trun_worker.wire.channel import Channel, Refused
from trun_worker.wire.outbox import Outbox
from trun_worker.wire.wire_text import MAX_PAYLOAD, Unsendable, crossing, decode, encode, path_of

SIZE = 1_500_000  # several times what a socket holds


class Reader(threading.Thread):
    """The other end: takes frames of SIZE bytes that are all the same letter, slowly."""

    def __init__(self, end):
        super().__init__()
        self.end = end
        self.got = bytearray()

    def run(self):
        while data := self.end.recv(1 << 16):
            self.got += data
            time.sleep(0.0005)

    def letters(self):
        self.join()
        frames = [bytes(self.got[at : at + SIZE]) for at in range(0, len(self.got), SIZE)]
        assert all(frame == frame[:1] * SIZE for frame in frames), "a frame was cut, or another stands in it"
        return b"".join(frame[:1] for frame in frames).decode()


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    reader = Reader(ours)
    reader.start()
    yield theirs, reader
    theirs.close()
    reader.join()
    ours.close()


@pytest.fixture
def alarm():
    """Calls a handler every half millisecond."""
    before = signal.getsignal(signal.SIGALRM)

    def begin(handler):
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)

    yield begin
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def letters(count):
    return [chr(ord("a") + number) for number in range(count)]


def test_an_exception_in_the_middle_of_a_frame_does_not_cut_it(ends, alarm):
    theirs, reader = ends
    outbox = Outbox(theirs)
    interrupted, tried = [], 0

    def interrupt(number, frame):
        raise KeyboardInterrupt

    for letter in letters(20):
        try:
            try:
                alarm(interrupt)
                outbox.send(letter.encode() * SIZE)
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
        except KeyboardInterrupt:
            interrupted.append(letter)
            signal.setitimer(signal.ITIMER_REAL, 0)
        tried += 1
    outbox.send(b"z" * SIZE)
    theirs.close()
    got = reader.letters()
    assert tried == 20 and len(interrupted) > 5, "nothing was interrupted: this test shows nothing"
    assert list(got) == sorted(set(got)) and got[-1] == "z"
    # One that was interrupted before it was taken does not come; all the others do.
    assert set(letters(20)) - set(got) <= set(interrupted)
    assert set(got) & set(interrupted), "none was interrupted in the middle"


def test_a_handler_may_send_in_the_middle_of_a_frame(ends, alarm):
    theirs, reader = ends
    outbox = Outbox(theirs)
    rest = letters(12)

    def send_one(number, frame):
        if rest:
            outbox.send(rest.pop(0).encode() * SIZE)

    alarm(send_one)
    outbox.send(b"A" * SIZE)
    while rest:
        time.sleep(0.001)
    signal.setitimer(signal.ITIMER_REAL, 0)
    outbox.send(b"z" * SIZE)
    theirs.close()
    got = reader.letters()
    assert sorted(got) == ["A", *letters(12), "z"]
    assert got[-1] == "z"


def test_a_handler_that_sends_while_the_writer_waits_repeats_nothing(alarm):
    ours, theirs = socket.socketpair()
    reader, outbox = Reader(ours), Outbox(theirs)

    calls = []

    def send_another(number, frame):
        calls.append(number)
        if len(calls) == 3:  # the socket is full, and nobody reads: nothing has been written since the second
            signal.setitimer(signal.ITIMER_REAL, 0)
            reader.start()
            outbox.send(b"b" * SIZE)

    alarm(send_another)
    signal.setitimer(signal.ITIMER_REAL, 0.1, 0.1)
    outbox.send(b"a" * SIZE)
    theirs.close()
    assert reader.letters() == "ab"
    ours.close()


def test_threads_write_frame_after_frame(ends):
    theirs, reader = ends
    outbox = Outbox(theirs)
    threads = [threading.Thread(target=outbox.send, args=(letter.encode() * SIZE,)) for letter in letters(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    theirs.close()
    assert sorted(reader.letters()) == letters(6)


# -- what a frame may hold


@pytest.mark.parametrize("text", ["plain", "grün", "\udcff", "a\ud800b", "\U0001f600", 'q"\\u', "\\udcff"])
def test_every_text_crosses_as_the_same_valid_one(text):
    assert decode(encode({"t": text, "list": [text], text: 1})) == {
        "t": crossing(text),
        "list": [crossing(text)],
        crossing(text): 1,
    }
    crossing(text).encode()


def test_a_surrogate_crosses_as_a_terminal_shows_it():
    assert crossing("test_\udcff.py::test_a") == r"test_\udcff.py::test_a"


def test_paths_come_back_as_they_are_on_disk(tmp_path):
    odd = os.fsdecode(os.fsencode(str(tmp_path)) + b"/test_\xff.py")
    assert path_of(crossing(odd)) == odd
    literal = tmp_path / r"test_\udcff.py"
    literal.touch()
    assert path_of(str(literal)) == str(literal)


@pytest.mark.parametrize(
    "value, why",
    [
        (float("nan"), "Out of range float"),
        (float("inf"), "Out of range float"),
        (object(), "not JSON serializable"),
        ("x" * (MAX_PAYLOAD + 1), "too large for the engine, which takes 256 MiB"),
    ],
    ids=["nan", "inf", "object", "large"],
)
def test_what_the_engine_would_refuse_is_not_sent(value, why):
    with pytest.raises(Unsendable, match=why):
        encode({"t": "result", "value": value})


def test_a_question_that_cannot_be_sent_is_refused():
    ours, theirs = socket.socketpair()
    channel = Channel(theirs.detach())
    with pytest.raises(Refused, match="'question' cannot be written"):
        channel.ask("once_made", {"value": float("nan")})
    channel.send({"t": "need"})
    assert ours.recv(100)[4:] == b'{"t":"need"}'
    channel.close()
    ours.close()
