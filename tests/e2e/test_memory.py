"""A test that takes more memory than it may costs itself only."""

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

import harness

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
HUNGRY_ENDED = {
    "test_a.py::test_before": ["passed"],
    "test_a.py::test_hungry": ["out_of_memory"],
    "test_a.py::test_hungry_child": ["out_of_memory"],
    "test_a.py::test_after": ["passed"],
}


@pytest.mark.parametrize("options", [("-n", "2"), ("-n", "1", "--lane", "standard"), ("-n", "0")], ids=" ".join)
def test_a_test_above_its_limit_is_ended(suite, options):
    run = suite({"test_a.py": HUNGRY}).trun(*options, "--test-memory", "250MB", "-p", "no:timeout")
    assert run.code == 1
    assert run.verdicts() == HUNGRY_ENDED
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


def memory_hierarchy():
    """The group that trun will be in, of version 1; None where there is none that may be written."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, group = line.split(":", 2)
        if "memory" in controllers.split(","):
            folder = Path("/sys/fs/cgroup/memory", group.strip("/"))
            return folder if folder.is_dir() and os.access(folder, os.W_OK) else None
    return None


def gives_memory():
    """Whether a group of version 2 above this process has members whose memory can be limited, and may be written."""
    group = next(
        (line[3:] for line in Path("/proc/self/cgroup").read_text().splitlines() if line.startswith("0::")), None
    )
    folders = [Path("/sys/fs/cgroup", group.strip("/"))] if group else []
    folders += folders[0].parents if folders else []
    return any(
        (folder / "cgroup.subtree_control").exists()
        and "memory" in (folder / "cgroup.subtree_control").read_text().split()
        and os.access(folder, os.W_OK)
        for folder in folders
    )


by_cgroup = pytest.mark.skipif(
    not memory_hierarchy() and not gives_memory(), reason="no control group limits memory here"
)
CGROUP = ("--test-memory-by", "cgroup", "-p", "no:timeout")


def groups_of(run):
    """The folder of a run's groups, as -v says it; None if there were none."""
    found = re.search(r"memory is limited by control groups in (\S+)", run.said)
    return Path(found[1]) if found else None


@by_cgroup
@pytest.mark.parametrize("options", [("-n", "2"), ("-n", "1", "--lane", "standard"), ("-n", "0")], ids=" ".join)
def test_the_kernel_keeps_the_limit_of_a_control_group(suite, options):
    run = suite({"test_a.py": HUNGRY}).trun(*options, "--test-memory", "250MB", *CGROUP, "-v")
    assert run.code == 1
    assert run.verdicts() == HUNGRY_ENDED, run.said
    assert (
        "held at its most, 250 MB allowed (--test-memory), and more was asked for: kept by a control group" in run.out
    )
    assert groups_of(run) and not groups_of(run).exists()


GREEDY = """
    import mmap, pathlib

    def test_greedy():
        taken, megabytes = mmap.mmap(-1, 2 << 30), 0
        for at in range(0, 2 << 30, 1 << 20):
            taken[at] = 1
            for page in range(at, at + (1 << 20), 4096):
                taken[page] = 1
            megabytes += 1
            pathlib.Path(__file__).with_name("megabytes").write_text(str(megabytes))

    def test_neighbour():
        pass
"""


@by_cgroup
def test_the_kernel_lets_nobody_take_more_not_for_a_moment(suite):
    ours = suite({"test_a.py": GREEDY})
    run = ours.trun("-n", "1", "--test-memory", "200MB", *CGROUP)
    assert run.verdicts() == {"test_a.py::test_greedy": ["out_of_memory"], "test_a.py::test_neighbour": ["passed"]}
    assert int((ours.root / "megabytes").read_text()) <= 200


@by_cgroup
def test_pages_that_a_child_shares_count_once(suite):
    """The control of both ways: by resident memory each of them counts for each process."""
    text = """
        import os, time

        def test_sharing():
            held = b"x" * (100 << 20)
            children = []
            for _ in range(3):
                if (pid := os.fork()) == 0:
                    time.sleep(1)
                    os._exit(0)
                children.append(pid)
            for pid in children:
                os.waitpid(pid, 0)
    """
    run = suite({"test_a.py": text}).trun("-n", "1", "--test-memory", "250MB", *CGROUP)
    assert run.verdicts() == {"test_a.py::test_sharing": ["passed"]}, run.said
    run = suite({"test_a.py": text}).trun("-n", "1", "--test-memory", "250MB", "-p", "no:timeout")
    assert run.verdicts() == {"test_a.py::test_sharing": ["out_of_memory"]}, run.said


@by_cgroup
@pytest.mark.parametrize("options", [(*CGROUP, "--test-memory", "2GB"), CGROUP], ids=["below the limit", "no limit"])
def test_without_need_the_kernel_ends_nobody(suite, options):
    calm = HUNGRY.replace("time.sleep(100)", "time.sleep(0.1)")
    run = suite({"test_a.py": calm}).trun("-n", "1", "-v", *options)
    assert run.code == 0, run.said
    assert bool(groups_of(run)) == ("--test-memory" in options)


@by_cgroup
@pytest.mark.parametrize("victim", ["guardian", "engine"])
def test_no_group_is_left_whoever_dies(suite, victim):
    text = "import pathlib, time\n\ndef test_a():\n    pathlib.Path(__file__).with_suffix('.begun').touch()\n    time.sleep(60)\n"
    ours = suite({"test_a.py": text})
    process = ours.start("-n", "1", "--test-memory", "1GB", *CGROUP, "-v")
    assert harness.wait_until(lambda: list(ours.root.glob("*.begun")), 20)
    processes = harness.Processes(process.pid)
    groups = list(Path("/sys/fs/cgroup").rglob(f"trun-*-{processes.find('engine')}-*-memory"))
    assert len(groups) == 1  # the control of the last line
    os.kill(processes.find(victim), signal.SIGKILL)
    assert groups_of(ours.finish(process)) == groups[0]
    assert harness.wait_until(lambda: not groups[0].exists(), 10)


def test_a_machine_without_such_groups_says_so_and_what_to_do(suite):
    """In a mount namespace of its own nothing is mounted there."""
    ours = suite({"test_a.py": "def test_a():\n    pass\n"})
    command = ours.command("-n", "1", "--test-memory", "1GB", *CGROUP)
    hidden = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs none /sys/fs/cgroup && exec "$@"', "sh", *command]
    run = subprocess.run(hidden, cwd=ours.root, env=ours.environment(), capture_output=True, text=True, check=False)
    if run.returncode in (1, 32) and not (ours.reports / "events.jsonl").exists() and "trun:" not in run.stderr:
        pytest.skip(f"no mount namespace here: {run.stderr}")
    assert run.returncode == 4, run.stdout + run.stderr
    assert "--test-memory-by cgroup: " in run.stderr
    assert "or use --test-memory-by resident" in run.stderr
