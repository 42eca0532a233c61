"""What tests leave behind is named, belongs to whom it should, and is gone when it must be."""

import os

import pytest

LEAKY = """
    import os, socket, subprocess, threading, time

    import pytest

    kept = []

    @pytest.fixture(scope="module")
    def server():
        process = subprocess.Popen(["sleep", "100"])
        yield process
        process.kill()
        process.wait()

    @pytest.fixture(scope="module")
    def forgetful():
        kept.append(subprocess.Popen(["sleep", "101"]))

    def test_clean():
        process = subprocess.Popen(["sleep", "0"])
        process.wait()
        thread = threading.Thread(target=time.sleep, args=(0.01,))
        thread.start()

    def test_fixture_process(server):
        pass

    def test_forgetful_fixture(forgetful):
        pass

    def test_process():
        kept.append(subprocess.Popen(["sleep", "102"]))

    def test_daemon():
        subprocess.Popen("setsid sleep 103 &", shell=True).wait()

    def test_forked_daemon():
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(104)
            os._exit(0)
        os.wait()

    def test_thread():
        threading.Thread(target=time.sleep, args=(5,), daemon=True, name="sleeper").start()

    def test_descriptor():
        kept.append(open("/etc/hostname"))

    def test_port():
        listener = socket.create_server(("127.0.0.1", 0))
        kept.append(listener)

    def test_last():
        time.sleep(0.3)
"""
NEXT_FILE = """
    import os, time

    def test_all_live_on():
        time.sleep(0.4)
        mark = ("TRUN_TEST_MARK=" + os.environ["TRUN_TEST_MARK"]).encode()
        left = set()
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/environ", "rb") as file:
                    ours = mark in file.read().split(b"\\0")
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    command = file.read()
            except OSError:
                continue
            if ours and command.startswith(b"sleep"):
                left.add(command.split(b"\\0")[1])
        assert left == {b"101", b"102", b"103"}
"""
KINDS = {
    "test_forgetful_fixture": None,
    "test_process": "processes",
    "test_thread": "threads",
    "test_descriptor": "descriptors",
    "test_port": "ports",
}


def leaks_of(run):
    return {
        event["nodeid"].rpartition("::")[2]: [leak["kind"] for leak in event["leaks"]]
        for event in run.events()
        if event["event"] == "test_finished" and event.get("leaks")
    }


@pytest.mark.parametrize("options", [("-n", "1"), ("-n", "1", "--lane", "standard"), ("-n", "0")], ids=" ".join)
def test_leaks_are_named_and_end_with_their_worker(suite, options):
    run = suite({"test_a.py": LEAKY, "test_b.py": NEXT_FILE}).trun(*options)
    assert run.code == 0, run.said
    found = leaks_of(run)
    for test, kind in KINDS.items():
        assert found.pop(test, []) == ([kind] if kind else []), f"{test}: {run.said}"
    # What a fixture forgot is found when the fixture is over: after the last test of its module.
    assert found == {"test_last": ["processes"]}
    assert "sleep 101 (of the fixture forgetful, scope module)" in run.said
    assert "test_a.py::test_daemon: processes: " in run.said and "sleep 103" in run.said


LAZY = """
    import multiprocessing, os, subprocess
    from concurrent.futures import ProcessPoolExecutor

    pool = helper = manager = None

    def use():
        global pool, helper, manager
        if pool is None:
            pool = ProcessPoolExecutor(1)
            helper = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            subprocess.Popen("setsid sleep 105 & echo $! > daemon", shell=True).wait()
            manager = multiprocessing.Manager().dict()
        manager[os.getpid()] = 1
        assert pool.submit(os.getpid).result() != os.getpid()
        helper.stdin.write(b"x")
        helper.stdin.flush()
        assert helper.stdout.read(1) == b"x"
        os.kill(int(open("daemon").read()), 0)
"""


@pytest.mark.parametrize("collect", ["each", "once", "sharded"])
@pytest.mark.parametrize(
    "options", [("-n", "0"), ("-n", "1"), ("-n", "2"), ("-n", "1", "--lane", "standard")], ids=" ".join
)
def test_what_a_suite_starts_on_first_use_lives_for_all_its_files(suite, options, collect):
    each = "import os\nfrom lazy import use\n\ndef test_first():\n    use()\n\ndef test_second():\n    use()\n"
    files = {f"test_{name}.py": each for name in "abcd"}
    run = suite({"lazy.py": LAZY, **files}).trun(
        *options, "--collect", collect, "--leak", "warn,threads=ignore,descriptors=ignore"
    )
    assert run.code == 0, run.said
    assert "cat" in run.said
    assert "sleep 105" in run.said


def test_a_resource_tracker_has_the_time_to_clean_up(suite):
    text = """
        import os
        from multiprocessing.shared_memory import SharedMemory

        def test_it():
            global kept
            kept = SharedMemory(create=True, size=100)
            open("name", "w").write(kept.name)
    """
    made = suite({"test_a.py": text})
    run = made.trun("-n", "1", "-p", "no:cacheprovider")
    assert run.code == 0, run.said
    name = (made.root / "name").read_text()
    assert not os.path.exists(f"/dev/shm/{name}")


def test_a_process_that_its_worker_named_is_named_once(suite):
    text = """
        import subprocess

        def test_it():
            global kept
            kept = subprocess.Popen(["sleep", "106"], start_new_session=True)
    """
    run = suite({"test_a.py": text}).trun("-n", "1")
    assert run.code == 0
    assert run.said.count("sleep 106") == 1, run.said


def test_a_daemon_first_seen_without_its_environment_is_known_later(suite):
    """As one that is seen in the middle of an execve(2)."""
    text = """
        import os, subprocess, time

        def test_it():
            names = ("TRUN_RUN_ID", "TRUN_SLOT", "TRUN_ATTEMPT", "PYTEST_CURRENT_TEST")
            known = [f"{name}={os.environ[name]}" for name in names]
            script = 'sleep 0.5; exec env "$@" sleep 107'
            subprocess.run(["env", "-i", "setsid", "-f", "sh", "-c", script, "sh", *known], check=True)
            time.sleep(0.8)
    """
    run = suite({"test_a.py": text}).trun("-n", "1")
    assert run.code == 0, run.said
    assert "test_a.py::test_it: processes: " in run.said and "sleep 107" in run.said


def test_a_leak_can_fail_its_test_and_no_other(suite):
    run = suite({"test_a.py": LEAKY}).trun("-n", "1", "--leak", "fail,threads=ignore")
    assert run.code == 1
    bad = {name.rpartition("::")[2]: each for name, each in run.verdicts().items() if each != ["passed"]}
    own = {test: bad.pop(test, None) for test in ("test_process", "test_descriptor", "test_port")}
    assert own == {test: ["leaked"] for test in own}
    # A worker with a leaked process is replaced: what the fixture of the module forgot is its last test's.
    (last,) = bad.items()
    assert last[1] == ["leaked"]
    assert leaks_of(run)[last[0]] == ["processes"]
    assert "sleep 101 (of the fixture forgetful, scope module)" in run.said
    assert "leaked: ports: 127.0.0.1:" in run.junit_text()


def test_leaks_that_are_ignored_are_not_looked_for(suite):
    run = suite({"test_a.py": LEAKY}).trun("-n", "1", "--leak", "ignore")
    assert run.code == 0
    assert leaks_of(run) == {}


LITTERING = """
    import multiprocessing, os, tempfile

    import pytest

    @pytest.fixture(scope="module")
    def data():
        with tempfile.NamedTemporaryFile(prefix="data-") as file:
            yield file.name

    @pytest.fixture(scope="module")
    def forgetful():
        return tempfile.mkdtemp(prefix="forgotten-")

    def test_clean(tmp_path):
        with tempfile.TemporaryDirectory() as folder:
            assert os.path.isdir(folder)
        (tmp_path / "kept").touch()

    def test_fixture_file(data):
        assert os.path.exists(data)

    def test_forgetful_fixture(forgetful):
        pass

    def test_multiprocessing():
        assert multiprocessing.Manager().list([1])[0] == 1

    def test_file():
        os.close(tempfile.mkstemp(prefix="left-")[0])

    @pytest.mark.parametrize("number", range(20))
    def test_quick(number):
        open(os.path.join(tempfile.gettempdir(), f"quick-{number}"), "w").close()

    def test_last():
        pass
"""
PRIVATE = {"test_a.py": LITTERING, "trun.toml": "private_tmpdir = true\n"}
FILES = {
    "test_file": ["left-"],
    **{f"test_quick[{number}]": [f"quick-{number}"] for number in range(20)},
    "test_last": ["forgotten-"],
}


def files_of(run):
    return {
        event["nodeid"].rpartition("::")[2]: [leak["what"].rpartition("/")[2] for leak in event["leaks"]]
        for event in run.events()
        if event["event"] == "test_finished" and event.get("leaks")
    }


@pytest.mark.parametrize(
    "options",
    [
        ("-n", "1"),
        ("-n", "1", "--lane", "standard"),
        ("-n", "0"),
        ("-n", "2", "--collect", "once", "--dist", "loadfile"),
    ],
    ids=" ".join,
)
def test_files_in_a_workers_own_temporary_folder_are_named(suite, options):
    run = suite(PRIVATE).trun(*options)
    assert run.code == 0, run.said
    found = files_of(run)
    assert found.keys() == FILES.keys(), run.said
    for test, starts in FILES.items():
        assert [what.startswith(start) for what, start in zip(found[test], starts)] == [True], f"{test}: {found[test]}"
    assert "(of the fixture forgetful, scope module)" in found["test_last"][0]


def test_a_file_that_is_left_can_fail_its_test(suite):
    run = suite(PRIVATE).trun("-n", "1", "--leak", "ignore,files=fail", "-k", "not quick")
    assert run.code == 1
    bad = {name.rpartition("::")[2]: each for name, each in run.verdicts().items() if each != ["passed"]}
    assert bad == {"test_file": ["leaked"], "test_last": ["leaked"]}
    assert "leaked: files: " in run.junit_text()


@pytest.mark.parametrize("options", [("--leak", "files=ignore"), ()], ids=" ".join)
def test_files_are_not_looked_for_where_that_is_not_wanted_or_others_use_the_folder(suite, options):
    files = PRIVATE if options else {"test_a.py": LITTERING}
    run = suite(files).trun("-n", "1", *options)
    assert run.code == 0, run.said
    assert leaks_of(run) == {}


def test_a_bad_policy_is_refused(suite):
    run = suite({"test_a.py": LEAKY}).trun("--leak", "sometimes")
    assert run.code == 4
    assert "option --leak: invalid value 'sometimes' (allowed: warn, fail or ignore" in run.err
