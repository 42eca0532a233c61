"""What may go wrong with a service: each fault has its report, the other tests run, and nothing is left."""

import os
import socket

import pytest
from one_service import TWO, one

import harness

HALF = {"test_a.py::test_needs_it": ["infrastructure"], "test_a.py::test_does_without": ["passed"]}


def text_of(run, nodeid):
    return next(e for e in run.events() if e["event"] == "test_finished" and e["nodeid"] == nodeid)["reason"]


def late(services, toml, said):
    """A run whose service misses its @deadline@: the first deadline by which it has come so far that `said` is reported. How
    long that takes is the machine's; that it is said at all is trun's.
    """
    for seconds in 3, 12, 50:
        suite = services(toml.replace("@deadline@", f"{seconds}s"), {"test_a.py": TWO}, name=f"suite{seconds}")
        run = suite.trun("-n", "2", limit=harness.LIMIT + seconds)
        assert (run.code, run.verdicts()) == (1, HALF), run.said
        assert f"service api was not ready {seconds} s after its start: its " in run.out
        if said in run.out:
            return run
    raise AssertionError(f"no {said!r} in:\n{run.out}")


def test_never_ready(services):
    why = 'its http check says: status 503 instead of 200: {"status": "starting"'
    run = late(services, one('{ http = "/health", deadline = "@deadline@" }', ', "--unready", "1000"'), why)
    assert why in text_of(run, "test_a.py::test_needs_it")
    assert "api listens" in run.out, "the last lines of its log"
    assert "1 passed, 1 error" in run.out
    assert 'type="infrastructure"' in run.junit_text()


def test_ends_before_it_is_ready(services):
    toml = '[services.api]\ncommand = "echo no such table; exit 7"\nports = ["x"]\nready = "tcp"\n'
    run = services(toml, {"test_a.py": TWO}).trun("-n", "2")
    assert (run.code, run.verdicts()) == (1, HALF), run.said
    assert "service api ended (exit 7) before it was ready" in run.out
    assert "no such table" in run.out


def test_a_program_that_does_not_exist(services):
    run = services('[services.api]\ncommand = ["no-such-server"]\n', {"test_a.py": TWO}).trun("-n", "2")
    assert (run.code, run.verdicts()) == (1, HALF), run.said
    assert "service api could not be started: there is no program 'no-such-server' on PATH" in run.out


def test_what_depends_on_a_failed_one_fails_with_it(services):
    toml = one() + '[services.db]\ncommand = "exit 3"\nready = { log = "up" }\n'
    toml = toml.replace('ready = "tcp"', 'ready = "tcp"\ndepends_on = ["db"]')
    suite = services(toml, {"test_a.py": TWO})
    run = suite.trun("-n", "2")
    assert (run.code, run.verdicts()) == (1, HALF), run.said
    assert "service api needs db, which ended (exit 3) before it was ready" in run.out
    assert suite.notes() == []


def test_the_wrong_port(services):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        other = free.getsockname()[1]
    toml = one('{ tcp = "http", deadline = "@deadline@" }').replace('"{port}"', f'"{other}"')
    run = late(services, toml, f"; its processes listen on port {other}")
    assert "its tcp check says: connection refused by 127.0.0.1:" in run.out


def test_a_fixed_port_that_is_taken_names_the_holder(services):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        toml = one().replace('ports = ["http"]', f"ports = {{ http = {port} }}")
        run = services(toml, {"test_a.py": TWO}).trun("-n", "2")
    assert run.code == 4, run.said
    assert "trun.toml:1: service 'api'" in run.err and str(port) in run.err
    assert f"process {os.getpid()}" in run.err


DIES = """
    import os, time, urllib.request
    import pytest

    pytestmark = pytest.mark.trun(services=["api"])

    def get(path):
        return urllib.request.urlopen(f"http://127.0.0.1:{os.environ['TRUN_SERVICE_API_PORT']}{path}").read()

    def test_first():
        get("/")

    def test_kills_it():
        get("/die")

    def test_after():
        get("/")
    """
UNTIL_IT_IS_GONE = """
        limit = time.monotonic() + 60
        while time.monotonic() < limit:
            try:
                get("/")
            except Exception:
                break
            time.sleep(0.01)
    """


def test_dies_in_the_middle_of_a_test(services):
    run = services(one(), {"test_a.py": DIES}).trun("-n", "1")
    assert run.code == 1, run.said
    found = {name.partition("::")[2]: verdict for name, verdict in run.verdicts().items()}
    assert found == {"test_first": ["passed"], "test_kills_it": ["infrastructure"], "test_after": ["infrastructure"]}
    why = "service api died (signal 9 (SIGKILL)) while the test used it"
    assert why in text_of(run, "test_a.py::test_kills_it")
    assert "RemoteDisconnected" in run.out, "what pytest said of it is evidence"
    assert "Last lines of service api" in run.out and "api listens" in run.junit_text()
    assert "service api died" in text_of(run, "test_a.py::test_after")


def test_a_worker_that_dies_with_its_service_and_a_test_that_fails_tell_its_last_lines(services):
    tests = DIES.replace('get("/die")', "os.kill(os.getpid(), 9)").replace(
        "def test_after():", "def test_after():\n        assert 0"
    )
    run = services(one(), {"test_a.py": tests}).trun("-n", "1", "-k", "kills or after")
    found = {name.partition("::")[2]: verdict for name, verdict in run.verdicts().items()}
    assert found == {"test_kills_it": ["crashed"], "test_after": ["failed"]}, run.said
    assert run.out.count("Last lines of service api") == run.junit_text().count("Last lines of service api") == 2
    assert run.junit_text().count("api listens") == 2


def test_a_worker_that_dies_of_its_service_says_so(services):
    tests = DIES.replace('get("/die")', 'pytest.raises(Exception, get, "/die")\n        os.kill(os.getpid(), 9)')
    run = services(one(), {"test_a.py": tests}).trun("-n", "1", "-k", "kills")
    assert run.verdicts() == {"test_a.py::test_kills_it": ["crashed"]}, run.said
    for report in run.out, run.junit_text():
        assert "it died (signal 9 (SIGKILL)) while the test used it" in report
        assert "api listens" in report


def test_restarted_between_tests(services):
    suite = services(one(more='restart = "on-failure"'), {"test_a.py": DIES})
    run = suite.trun("-n", "1")
    assert run.code == 1, run.said
    found = {name.partition("::")[2]: verdict for name, verdict in run.verdicts().items()}
    assert found == {"test_first": ["passed"], "test_kills_it": ["infrastructure"], "test_after": ["passed"]}
    assert suite.notes() == ["+api", "+api", "-api"]
    assert "it is started again" in run.out


def test_a_pass_during_which_its_service_died_is_none(services):
    noticed = """
        pid = get("/pid").decode()
        pytest.raises(Exception, get, "/die")
        while os.path.exists(f"/proc/{pid}"):  # a zombie, until trun has taken its status
            time.sleep(0.01)
        trun_port("answered when trun is through with that")
    """
    tests = DIES.replace('get("/die")', noticed.strip()).replace("test_kills_it()", "test_kills_it(trun_port)")
    run = services(one(), {"test_a.py": tests}).trun("-n", "1", "-k", "kills")
    assert run.verdicts() == {"test_a.py::test_kills_it": ["infrastructure"]}, run.said


def test_sick_between_two_files_is_started_again(services):
    sick = DIES.replace('get("/die")', 'pytest.raises(Exception, get, "/sick")')
    ready = '{ http = "/health", deadline = "60s", interval = "50ms" }'  # a second look has 5 s of them
    suite = services(one(ready, more="restart = 1"), {"test_a.py": sick, "test_b.py": DIES})
    run = suite.trun("-n", "1", "test_a.py::test_kills_it", "test_b.py::test_first")
    assert run.code == 0, run.said
    assert "is not healthy any more: within 5 s its http check says: status 503 instead of 200" in run.out
    assert suite.notes() == ["+api", "-api", "+api", "-api"]


def test_skipped_tests_stay_skipped_whatever_their_services(services):
    toml = '[services.api]\ncommand = "exit 7"\nready = { log = "up" }\n'
    tests = TWO.replace(
        '@pytest.mark.trun(services=["api"])', '@pytest.mark.skip\n    @pytest.mark.trun(services=["api"])'
    )
    run = services(toml, {"test_a.py": tests}).trun("-n", "2")
    assert run.verdicts() == {"test_a.py::test_needs_it": ["skipped"], "test_a.py::test_does_without": ["passed"]}


def test_fixtures_of_tests_that_are_refused_are_not_set_up_and_others_are_torn_down(services):
    toml = '[services.api]\ncommand = "exit 7"\nready = { log = "up" }\n'
    tests = """
        import pathlib
        import pytest

        def say(word):
            with open("said", "a") as file:
                file.write(word + " ")

        @pytest.fixture(scope="class")
        def of_class():
            say("up")
            yield
            say("down")

        class TestOne:
            def test_a(self, of_class):
                say("a")

            @pytest.mark.trun(services=["api"])
            def test_refused(self, of_class, tmp_path):
                say("never")

        class TestTwo:
            @pytest.mark.trun(services=["api"])
            def test_refused_too(self, of_class):
                say("never")

            def test_b(self):
                say("b")
        """
    suite = services(toml, {"test_a.py": tests})
    for lane in "auto", "standard":
        (suite.root / "said").unlink(missing_ok=True)
        run = suite.trun("-n", "1", f"--lane={lane}")
        assert sorted(v[0] for v in run.verdicts().values()) == ["infrastructure", "infrastructure", "passed", "passed"]
        assert (suite.root / "said").read_text() == "up a down b "


def test_hangs_on_stop(services):
    suite = services(one(options=', "--deaf"', more='grace = "500ms"'), {"test_a.py": TWO})
    run = suite.trun("-n", "2")  # ends by itself
    assert run.code == 0, run.said
    assert suite.notes() == ["+api"], "it had no chance to say good-bye"


def test_leaves_children(services):
    run = services(one(options=', "--daemon"'), {"test_a.py": TWO}).trun("-n", "2")  # finish() looks for survivors
    assert run.code == 0, run.said


def test_takes_too_much_memory(services):
    """Before it listens: it never counts as ready, however quick it is."""
    run = services(one(options=', "--memory", "200"', more='memory = "100MB"'), {"test_a.py": TWO}).trun("-n", "2")
    assert (run.code, run.verdicts()) == (1, HALF), run.said
    assert "more than its limit of 100 MB (memory)" in text_of(run, "test_a.py::test_needs_it")


def test_takes_too_much_memory_under_a_test(services):
    tests = DIES.replace('get("/die")', 'get("/grow")\n' + UNTIL_IT_IS_GONE)
    run = services(one(more='memory = "100MB"'), {"test_a.py": tests}).trun("-n", "1", "-k", "kills")
    assert run.verdicts() == {"test_a.py::test_kills_it": ["infrastructure"]}, run.said
    assert "more than its limit of 100 MB (memory) while the test used it" in run.out


def test_a_handed_over_port_has_no_gap(services):
    """Who connects while the service is started again waits for it. (A port that it binds itself refuses them.)"""
    toml = one('{ http = "/health" }', ', "--handed-over"', "restart = 1").replace(
        'ports = ["http"]', "ports = { http = { hand_over = true } }"
    )
    tests = DIES.replace(
        'get("/die")', 'pytest.raises(Exception, get, "/die")\n        while get("/"):\n            return'
    )
    suite = services(toml, {"test_a.py": tests})
    run = suite.trun("-n", "1")
    found = {name.partition("::")[2]: verdict for name, verdict in run.verdicts().items()}
    assert found == {"test_first": ["passed"], "test_kills_it": ["infrastructure"], "test_after": ["passed"]}, run.said
    assert "service api died (signal 9 (SIGKILL)) while the test used it" in run.out
    assert "Connection refused" not in run.out
    assert suite.notes() == ["+api", "+api", "-api"]


def test_a_log_that_cannot_be_written_costs_the_log_only(services):
    suite = services(one(more='log = "/dev/full"'), {"test_a.py": TWO})
    run = suite.trun("-n", "2")
    assert run.code == 0, run.said
    assert "service api cannot write its log /dev/full any more: No space left on device" in run.out


def test_the_mode_is_nothing_without_its_services(services):
    toml = '[services.api]\ncommand = "echo broken; exit 7"\nready = { log = "up" }\n[modes.full]\nservices = ["api"]\n'
    run = services(toml, {"test_a.py": TWO}).trun("-n", "2", "--mode", "full")
    assert run.code == 3, run.said
    assert "service api ended (exit 7) before it was ready, and this run is nothing without it" in run.said
    assert run.verdicts() == {}


@pytest.mark.parametrize(
    "toml, complaint",
    [
        ('[services.api]\ncomand = "x"\n', "unknown key 'comand'; did you mean 'command'?"),
        ("[services.api]\n", "has no 'command', and no 'compose' file either"),
        (
            '[services.api]\ncommand = "x"\nready = "tcpp"\n',
            "invalid value 'tcpp' (allowed: tcp, started); did you mean 'tcp'?",
        ),
        ('[services.api]\ncommand = "x"\nready = "tcp"\n', "needs a port: declare it in ports"),
        ('[services.api]\ncommand = "x {port.web}"\n', "'{port.web}' is not known here"),
        (
            '[services.api]\ncommand = "x"\nports = { web = { hand_over = true } }\nready = "tcp"\n',
            'hands a port over, which takes connections before the service does: ready = "tcp" says nothing of it',
        ),
        ('[services.api]\ncommand = "x"\nports = { web = { handover = true } }\n', "unknown key"),
        (
            '[services.api]\ncommand = "x"\nports = ["p"]\nscope = "slot-database"\n'
            'database = { kind = "redis", prefix = "a:" }\n',
            "must have {slot} in it",
        ),
        ('[services.api]\ncommand = "x"\nready = { log = "(" }\n', "is no regular expression"),
        ('[services.api]\ncommand = "x"\ndepends_on = ["apj"]\n', "depends_on names 'apj', which is no service"),
        (
            '[services.a]\ncommand = "x"\ndepends_on = ["b"]\n[services.b]\ncommand = "x"\ndepends_on = ["a"]\n',
            "a -> b -> a",
        ),
        ('[services.api]\ncommand = "x"\nstop_signal = "SIGTREM"\n', "'SIGTREM' is no signal"),
        ('[services.api]\ncommand = "x"\nscope = "slot-database"\n', "no 'database' that says how one is made"),
        (
            '[services.other]\ncommand = "x"\n',
            "test_a.py::test_needs_it: there is no service 'api' (declared are: other)",
        ),
        ("", "test_a.py::test_needs_it: there is no service 'api' (declared are: none)"),
    ],
)
def test_mistakes_are_usage_errors(services, toml, complaint):
    run = services(toml, {"test_a.py": TWO}).trun("-n", "2")
    assert run.code == 4, run.said
    assert complaint in run.err
