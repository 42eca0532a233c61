"""A test that takes more memory than it may costs itself only."""

import pytest

HUNGRY = """
    import os, subprocess, sys, time

    import pytest

    EAT = "hold = bytearray(300 << 20); import time; time.sleep(100)"

    def test_before():
        pass

    def test_hungry():
        exec(EAT)

    def test_hungry_child():
        subprocess.run([sys.executable, "-c", EAT])

    def test_after():
        pass
"""


@pytest.mark.parametrize("options", [("-n", "2"), ("-n", "1", "--lane", "standard"), ("-n", "0")], ids=" ".join)
def test_a_test_above_its_limit_is_ended(suite, options):
    run = suite({"test_a.py": HUNGRY}).trun(*options, "--test-memory", "250MB", "-p", "no:timeout")
    assert run.code == 1
    assert run.verdicts() == {
        "test_a.py::test_before": ["passed"],
        "test_a.py::test_hungry": ["out_of_memory"],
        "test_a.py::test_hungry_child": ["out_of_memory"],
        "test_a.py::test_after": ["passed"],
    }
    assert "MB held, 250 MB allowed (--test-memory)" in run.out
    assert run.seconds < 30


def test_below_the_limit_nothing_happens(suite):
    calm = HUNGRY.replace("time.sleep(100)", "time.sleep(0.5)")
    run = suite({"test_a.py": calm}).trun("-n", "1", "--test-memory", "2GB")
    assert run.code == 0


HUGE = """
    def test_huge():
        bytearray(3 << 30)

    def test_neighbour():
        bytearray(1 << 20)
"""


def test_by_address_space_the_test_gets_a_memory_error(suite):
    """Asked for and never touched: nothing of it is resident, and the worker lives on."""
    ours = suite({"test_a.py": HUGE})
    run = ours.trun("-n", "1", "--test-memory", "1GB", "--test-memory-by", "address_space")
    assert run.verdicts() == {"test_a.py::test_huge": ["failed"], "test_a.py::test_neighbour": ["passed"]}
    assert "MemoryError" in run.out
    assert len([event for event in run.events() if event["event"] == "worker_started"]) == 1


def test_by_resident_memory_it_may_ask_for_what_it_does_not_use(suite):
    run = suite({"test_a.py": HUGE.replace("bytearray(3 << 30)", "__import__('mmap').mmap(-1, 3 << 30)")}).trun(
        "-n", "1", "--test-memory", "1GB"
    )
    assert run.code == 0, run.said
