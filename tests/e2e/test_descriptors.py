"""Descriptors: streams that the caller closed, and low limits."""

import os
import resource

import pytest

#: Whose are 0, 1 and 2 of this process and of the engine, its parent?
LOOKING = """
import os

def test_streams():
    for pid in ("self", os.getppid()):
        for number in (0, 1, 2):
            name = os.readlink(f"/proc/{pid}/fd/{number}")
            assert not name.startswith(("socket:", "anon_inode:")) and "memfd" not in name, (pid, number, name)
"""
BOTH = {"test_a.py": LOOKING, "test_b.py": "def test_b():\n    print('said')\n    assert 0\n"}


@pytest.mark.parametrize("n", ["0", "1", "2"])
@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)])
def test_closed_standard_streams_count_as_dev_null(suite, n, closed):
    run = suite(BOTH).trun("-n", n, preexec_fn=lambda: [os.close(number) for number in closed])
    assert run.code == 1, run.said
    assert run.verdicts() == {"test_a.py::test_streams": ["passed"], "test_b.py::test_b": ["failed"]}
    assert len(run.junit()) == 2
    if 1 not in closed:
        assert "1 failed, 1 passed" in run.out


def limited(soft, hard):
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("soft, hard", [(64, 64), (256, 256), (300, 2048)])
@pytest.mark.parametrize("n", ["0", "1", "4"])
def test_a_low_limit_is_enough_and_the_tests_see_it(suite, n, soft, hard):
    text = "import resource\n\ndef test_limit():\n"
    text += f"    assert resource.getrlimit(resource.RLIMIT_NOFILE) == ({soft}, {hard})\n"
    run = suite({f"test_{i}.py": text for i in range(4)}).trun("-n", n, preexec_fn=limited(soft, hard))
    assert run.code == 0, run.said


def test_workers_that_died_leave_no_descriptors_open(suite):
    """Each costs the engine six while it lives."""
    text = "import os, pytest\n\n@pytest.mark.parametrize('n', range(60))\ndef test_n(n):\n    os._exit(3)\n"
    run = suite({"test_n.py": text}).trun(
        "-n", "2", "--max-worker-restart", "100", preexec_fn=limited(128, 128), limit=180
    )
    assert [outcome for outcomes in run.verdicts().values() for outcome in outcomes] == ["premature_exit"] * 60


@pytest.mark.parametrize("n", ["0", "2"])
def test_a_test_that_uses_up_all_descriptors_costs_no_other_test(suite, n):
    text = """
        import os, resource

        def test_before():
            pass

        def test_leaks():
            resource.setrlimit(resource.RLIMIT_NOFILE, (120, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
            try:
                while True:
                    os.open("/dev/null", os.O_RDONLY)
            except OSError:
                pass

        def test_after():
            pass

        def test_fails():
            assert 1 == 2
    """
    run = suite({"test_a.py": text}).trun("-n", n, "--leak", "ignore")
    outcomes = {nodeid.rpartition("_")[2]: found for nodeid, found in run.verdicts().items()}
    assert outcomes == {"before": ["passed"], "leaks": ["passed"], "after": ["passed"], "fails": ["failed"]}, run.said


# -- what a test does to the descriptors and streams of its process

HELP = """
    import os, sys

    kept = []

    def write_everywhere():
        for fd in range(1200):
            try:
                os.write(fd, b"nonsense")
            except OSError:
                pass

    def use_up():
        try:
            while True:
                kept.append(os.open("/dev/null", os.O_RDONLY))
        except OSError:
            pass

    def on_null(*numbers):
        null = os.open("/dev/null", os.O_WRONLY)
        for number in numbers:
            os.dup2(null, number)

    def close_what_capture_saved():
        for fd in range(3, 60):
            try:
                name = os.readlink(f"/proc/self/fd/{fd}")
            except OSError:
                continue
            if name.startswith("pipe:") or "/tmp/#" in name:
                os.close(fd)

    def close_but_sockets():
        for fd in map(int, os.listdir("/proc/self/fd")):
            try:
                if fd > 2 and not os.readlink(f"/proc/self/fd/{fd}").startswith("socket:"):
                    os.close(fd)
            except OSError:
                pass

    def test_before():
        pass

    def test_spoils():
        {0}

    def test_next():
        print("the next says")
        print("to stderr", file=sys.stderr)
        os.system("echo from a child")
        assert 0, "its own"

    def test_after():
        print("not shown")
"""
INNOCENT = """
    def test_other():
        print("another file says")
        assert 0, "its own"

    def test_last():
        pass
"""
OF_INNOCENTS = {
    "before": ["passed"],
    "next": ["failed"],
    "after": ["passed"],
    "other": ["failed"],
    "last": ["passed"],
}
#: And the outcomes that the spoiling test may have: pytest's, or that of a worker that could not go on.
SPOILS = {
    "closes 1 and 2": ("os.close(1), os.close(2)", {"passed"}),
    "closes 0, 1 and 2": ("os.closerange(0, 3)", {"passed"}),
    "replaces 1 and 2": ("on_null(1, 2)", {"passed"}),
    "closes sys.stdout and sys.stderr": ("sys.stdout.close(), sys.stderr.close()", {"failed"}),
    "replaces sys.stdout and sys.stderr": ("sys.stdout = sys.stderr = None", {"passed"}),
    "closes the interpreter's own": ("sys.__stdout__.close(), sys.__stderr__.close()", {"passed"}),
    "closes capture's descriptors": ("close_what_capture_saved()", {"failed", "passed", "premature_exit"}),
    "closes all but sockets": ("close_but_sockets()", {"failed", "passed", "premature_exit"}),
    "closes all but the standard ones": ("os.closerange(3, 5000)", {"premature_exit", "failed"}),
    "closes all": ("os.closerange(0, 5000)", {"premature_exit", "failed"}),
    "writes to all": ("write_everywhere()", {"worker_lost", "passed", "failed"}),
    "uses all up": ("use_up()", {"passed"}),
}


@pytest.mark.parametrize("lane", ["auto", "standard"])
@pytest.mark.parametrize("n", ["0", "1", "2"])
@pytest.mark.parametrize("how", SPOILS)
def test_what_a_test_does_to_descriptors_hurts_no_other(suite, how, n, lane):
    act, own = SPOILS[how]
    files = {"test_a.py": HELP.replace("{0}", act), "test_b.py": INNOCENT}
    run = suite(files).trun(
        "-n", n, "--lane", lane, "--leak", "ignore", "-p", "no:cacheprovider", limit=30, preexec_fn=limited(1024, 4096)
    )
    found = {nodeid.rpartition("::test_")[2]: outcomes for nodeid, outcomes in run.verdicts().items()}
    (spoils,) = found.pop("spoils")
    assert spoils in own, (spoils, run.said)
    assert found == OF_INNOCENTS, run.said
    assert run.code == 1, run.said
    assert run.seconds < 10
    # What they print is in their reports, whole.
    for words in ("the next says", "to stderr", "from a child", "another file says"):
        assert run.out.count(f"\n{words}\n") == 1, (words, run.said)
    assert "not shown" not in run.out


@pytest.mark.parametrize("capture", ["sys", "tee-sys"])
@pytest.mark.parametrize("lane", ["auto", "standard"])
def test_closed_streams_are_put_back_under_other_ways_to_capture(suite, lane, capture):
    files = {"test_a.py": HELP.replace("{0}", "sys.stdout.close(), sys.stderr.close()"), "test_b.py": INNOCENT}
    run = suite(files).trun("-n", "1", "--lane", lane, f"--capture={capture}", "--leak", "ignore")
    found = {nodeid.rpartition("::test_")[2]: outcomes for nodeid, outcomes in run.verdicts().items()}
    assert found.pop("spoils") == ["failed"], run.said
    assert found == OF_INNOCENTS, run.said


def test_the_pages_of_a_run_are_under_no_descriptor(suite):
    """A test that writes to all it finds would stop the run for everybody."""
    text = """
        import os

        def test_pages():
            names = []
            for fd in os.listdir("/proc/self/fd"):
                try:
                    names.append(os.readlink(f"/proc/self/fd/{fd}"))
                except OSError:
                    pass
            assert not [name for name in names if "trun-status" in name or "trun-run" in name]
    """
    run = suite({"test_a.py": text, "test_b.py": text}).trun("-n", "2")
    assert run.code == 0, run.said
