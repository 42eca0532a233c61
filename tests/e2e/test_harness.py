"""The checks of these tests can fail: each is shown what it must find."""

import os
import subprocess
import sys

import pytest

import harness

SLEEPER = [sys.executable, "-c", "import os, time; os.setsid(); print('up', flush=True); time.sleep(60)"]


def test_a_survivor_is_found_and_named_and_killed(suite):
    left = suite({})
    sleeper = subprocess.Popen(SLEEPER, env=left.environment(), stdout=subprocess.PIPE)
    sleeper.stdout.readline()
    with pytest.raises(harness.Survivors, match=r"time\.sleep\(60\)"):
        left.assert_no_survivor(seconds=0.1)
    assert sleeper.wait(5) == -9
    left.assert_no_survivor()


def test_the_survivors_of_others_are_not_ours(suite):
    theirs, ours = suite({}, "theirs"), suite({}, "ours")
    sleeper = subprocess.Popen(SLEEPER, env=theirs.environment(), stdout=subprocess.PIPE)
    sleeper.stdout.readline()
    ours.assert_no_survivor(seconds=0.1)
    sleeper.kill()
    sleeper.wait(5)


def test_a_run_past_its_limit_is_an_error_and_is_killed(suite):
    hanging = suite({"test_hang.py": "import time\n\ndef test_hang():\n    time.sleep(60)\n"})
    with pytest.raises(AssertionError, match="not over after 2 s"):
        hanging.trun("-n", "1", limit=2)
    hanging.assert_no_survivor()


def test_children_come_in_the_order_of_their_start():
    sleepers = [subprocess.Popen(SLEEPER, stdout=subprocess.PIPE) for _ in range(2)]
    try:
        found = [pid for pid in harness.children_of(os.getpid()) if pid in [each.pid for each in sleepers]]
        assert found == [each.pid for each in sleepers]
    finally:
        for each in sleepers:
            each.kill()
            each.wait(5)
