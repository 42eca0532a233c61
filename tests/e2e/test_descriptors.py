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
