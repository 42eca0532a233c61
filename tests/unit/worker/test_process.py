"""The order of a fork, as far as one process can see it."""

import os

from trun_worker.system import process


def fork_and_ask(question):
    """What ``question()`` gives in a worker that was forked as for the engine."""
    reader, writer = os.pipe()
    if process.fork_to_engine() == 0:
        try:
            os.write(writer, str(question()).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        return pipe.read()


def test_a_worker_is_out_of_its_makers_group_from_the_start():
    """Its maker's group is killed when the maker ends, and that may be at once."""
    assert int(fork_and_ask(os.getpgrp)) != os.getpgrp()


def test_a_worker_can_still_join_the_engines_group_or_lead_a_session():
    group = os.getpgrp()
    assert fork_and_ask(lambda: os.setpgid(0, group) or os.getpgrp()) == str(group)
    assert fork_and_ask(lambda: os.setsid() or os.getsid(0) == os.getpid()) == "True"
