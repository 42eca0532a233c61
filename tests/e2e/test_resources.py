"""Named resources: whoever holds one holds it alone, knows its unit, and waits for it while others run."""

import pytest
from resource_suites import LOCKS, ONE_GPU, check, go, gpu_suite, holds, outcomes

MODES = [
    ("-n", "2", "--collect", "each"),
    ("-n", "2", "--collect", "once"),
    ("-n", "2", "--collect", "sharded"),
    ("-n", "4", "--dist", "loadfile"),
    ("-n", "1"),
    ("-n", "0"),
    ("-n", "2", "--lane", "standard"),
]


@pytest.mark.parametrize("options", MODES, ids=" ".join)
def test_one_at_a_time(suite, options):
    run = go(gpu_suite(suite), *options)
    assert run.code == 0, run.said
    assert set(outcomes(run)) == {"passed"}
    assert len(run.verdicts()) == 48
    check(run)
    assert len(holds(run)) >= 4


def test_without_the_resource_they_collide(suite):
    """The negative control: the locks do tell."""
    text = """
        from locks import HERE, alone, met

        def test_gpu():
            with alone("gpu"):
                met((HERE / "refused").exists)
    """
    run = go(suite({"locks.py": LOCKS, "test_a.py": text, "test_b.py": text}), "-n", "2", "--collect", "once")
    assert run.code == 1
    assert "FileExistsError" in run.out
    assert not holds(run)
    assert "0 holds" in check(run)


def test_readers_run_together_and_writers_alone(suite):
    text = """
        import time
        import pytest
        from locks import HERE, alone, present

        @pytest.mark.parametrize("i", range(2))
        @pytest.mark.trun(resources=["read:db"])
        def test_read(i):
            with present("reader"):
                assert not list(HERE.glob("db.lock"))
                (HERE / f"met-{i}").touch()
                deadline = time.monotonic() + 20
                while len(list(HERE.glob("met-*"))) < 2:
                    assert time.monotonic() < deadline, "the other reader did not come"
                    time.sleep(0.01)

        @pytest.mark.parametrize("i", range(4))
        @pytest.mark.trun(resources=["write:db"])
        def test_write(i):
            assert not list(HERE.glob("reader-*"))
            with alone("db"):
                assert not list(HERE.glob("reader-*"))
    """
    # Each in a file of its own, so that two workers have one each.
    files = {f"test_{i}.py": text.replace("range(2)", f"[{i}]") for i in range(2)}
    run = go(suite({"trun.toml": "[resources]\ndb = 1\n", "locks.py": LOCKS, **files}), "-n", "2", "--collect", "once")
    assert run.code == 0, run.said
    check(run)


@pytest.mark.parametrize(
    "options", [("-n", "3", "--collect", "once"), ("-n", "2", "--collect", "sharded"), ("-n", "0")]
)
def test_a_test_knows_its_units(suite, options):
    """Each unit has a lock of its own: two tests that were told the same number would collide."""
    text = """
        import json, subprocess
        import pytest
        from locks import alone

        def printed(name):
            return subprocess.run(["sh", "-c", f'printf %s "${name}"'], capture_output=True, text=True, check=True).stdout

        @pytest.mark.trun(resources=["gpu", "read:db"])
        @pytest.mark.parametrize("i", range(5))
        def test_one(i, trun_resources):
            assert trun_resources["db"] == [0]
            (unit,) = trun_resources["gpu"]
            with alone(f"gpu{unit}"):
                pass

        @pytest.mark.trun(resources=["gpu", "read:db"])
        def test_what_it_starts_knows_them_too(trun_resources):
            assert json.loads(printed("TRUN_RESOURCES")) == trun_resources
            assert printed("TRUN_RESOURCE_GPU") == str(trun_resources["gpu"][0])
            assert printed("TRUN_RESOURCE_DB") == "0"

        @pytest.mark.trun(resources=["gpu:2"])
        def test_both(trun_resources):
            assert trun_resources == {"gpu": [0, 1]}
            assert printed("TRUN_RESOURCE_GPU") == "0,1"
            assert printed("TRUN_RESOURCE_DB") == ""
            with alone("gpu0"), alone("gpu1"):
                pass

        def test_plain(trun_resources):
            assert trun_resources == {}
            assert printed("TRUN_RESOURCES") == printed("TRUN_RESOURCE_GPU") == ""
    """
    files = {"trun.toml": "[resources]\ngpu = 2\ndb = 1\n", "locks.py": LOCKS}
    run = go(suite({**files, **{f"test_{i}.py": text for i in "abc"}}), *options)
    assert run.code == 0, run.said
    check(run)


@pytest.mark.parametrize("collect", ["once", "sharded"])
def test_what_is_serial_runs_alone(suite, collect):
    text = """
        import os, time
        import pytest
        from locks import HERE, present

        @pytest.mark.parametrize("i", range(8))
        def test_any(i):
            with present("any"):
                time.sleep(0.01)

        @pytest.mark.parametrize("i", range(2))
        @pytest.mark.trun(serial=True)
        def test_serial(i):
            for _ in range(10):
                assert not list(HERE.glob("*.here"))
                time.sleep(0.005)
    """
    suites = suite({"locks.py": LOCKS, **{f"test_{i}.py": text for i in "abcd"}})
    run = go(suites, "-n", "4", "--collect", collect)
    assert run.code == 0, run.said
    check(run)
    assert all(hold["serial"] for hold in holds(run))


@pytest.mark.parametrize("collect", ["once", "sharded"])
def test_what_is_not_serial_meets_others(suite, collect):
    """The control of the test above: without the mark somebody is present."""
    text = """
        from locks import HERE, met, present

        def test_{name}():
            {body}
    """
    present = 'with present("any"): met((HERE / "seen").exists)'
    looks = 'met(lambda: list(HERE.glob("*.here"))); found = list(HERE.glob("*.here")); (HERE / "seen").touch(); assert not found'
    files = {"test_a.py": text.format(name="any", body=present), "test_b.py": text.format(name="looks", body=looks)}
    run = go(suite({"locks.py": LOCKS, **files}), "-n", "2", "--collect", collect)
    assert run.code == 1, run.said
    assert outcomes(run).count("failed") == 1


def test_more_than_there_is(suite):
    files = {
        "trun.toml": ONE_GPU,
        "test_a.py": """
            import pytest

            @pytest.mark.trun(resources=["gpu:2"])
            def test_two():
                pass

            class TestIt:
                @pytest.mark.trun(resources=["tpu"])
                def test_other(self):
                    pass

            def test_plain():
                pass
        """,
    }
    run = go(suite(files), "-n", "2")
    assert run.code == 1
    assert run.verdicts() == {
        "test_a.py::test_two": ["error"],
        "test_a.py::TestIt::test_other": ["error"],
        "test_a.py::test_plain": ["passed"],
    }
    assert "it demands 2 units of the resource 'gpu', and there is 1: raise its capacity" in run.out
    assert "it demands the resource 'tpu', and there is none" in run.out
    assert "ERROR at setup of TestIt.test_other" in run.out
    assert run.junit()["test_a::test_two"] == ["error"]
    check(run)


@pytest.mark.parametrize("collect", ["once", "sharded"])
def test_waiting_is_not_test_time_and_others_run_meanwhile(suite, collect):
    files = {
        "trun.toml": ONE_GPU,
        "locks.py": LOCKS,
        "test_a.py": """
            import time
            import pytest
            from locks import HERE

            @pytest.mark.trun(resources=["gpu"])
            def test_long():
                deadline = time.monotonic() + 60
                while len(list(HERE.glob("plain-*"))) < 20:
                    assert time.monotonic() < deadline, "the others do not run"
                    time.sleep(0.01)
        """,
        "test_b.py": """
            import pytest
            from locks import HERE

            @pytest.mark.trun(resources=["gpu"])
            def test_short():
                pass

            @pytest.mark.parametrize("i", range(20))
            def test_plain(i):
                (HERE / f"plain-{i}").touch()
        """,
    }
    run = go(suite(files), "-n", "2", "--collect", collect)
    assert run.code == 0, run.said
    check(run)
    tests = {event["nodeid"]: event for event in run.events() if event["event"] == "test_finished"}
    ends = {name: event["started"] + sum(event["durations"].values()) for name, event in tests.items()}
    first, second = sorted(("test_a.py::test_long", "test_b.py::test_short"), key=lambda name: ends[name])
    assert tests[second]["started"] >= ends[first]


@pytest.mark.parametrize("options", [("-n", "1"), ("-n", "0"), ("-n", "2", "--dist", "loadfile")], ids=" ".join)
@pytest.mark.parametrize("lane", ["auto", "standard"])
def test_wider_fixtures_stay_set_up(suite, options, lane):
    """The queue ends before and behind a test that holds something; its file and session do not."""
    text = """
        import pytest
        from locks import HERE

        @pytest.fixture(scope="module")
        def module_thing():
            with open(HERE / "module.txt", "a") as file:
                file.write("+")
            yield
            with open(HERE / "module.txt", "a") as file:
                file.write("-")

        @pytest.fixture(scope="session")
        def session_thing():
            with open(HERE / "session.txt", "a") as file:
                file.write("+")
            yield
            with open(HERE / "session.txt", "a") as file:
                file.write("-")

        @pytest.mark.parametrize("i", range(3))
        def test_before(i, module_thing, session_thing):
            pass

        @pytest.mark.trun(resources=["gpu"])
        @pytest.mark.parametrize("i", range(3))
        def test_gpu(i, module_thing, session_thing):
            pass

        def test_after(module_thing, session_thing):
            pass
    """
    made = suite({"trun.toml": ONE_GPU, "locks.py": LOCKS, "test_a.py": text})
    run = go(made, *options, "--lane", lane)
    assert run.code == 0, run.said
    assert (made.root / "module.txt").read_text() == "+-"
    assert (made.root / "session.txt").read_text() == "+-"
    assert len(holds(run)) == 1
    check(run)
