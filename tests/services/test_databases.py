"""One real server for the run, one database for each slot, as new for each file."""

import os
import signal

from suites import BOTH_SLOTS

import harness

PG = """
[services.postgres]
@pg_user@
cwd = "/"
command = '''@pg@/initdb -D {dir}/data -U @pg_role@ -A trust >/dev/null && exec @pg@/postgres -D {dir}/data -p {port.sql} \\
  -k {dir} -c listen_addresses=127.0.0.1 -c fsync=off -c shared_buffers=16MB'''
init = '''createdb -h {host} -p {port.sql} -U @pg_role@ app && psql -q -h {host} -p {port.sql} -U @pg_role@ -d app \\
  -c "create table item (name text); insert into item values ('of the template')"'''
ports = ["sql"]
ready = { command = ["@pg@/pg_isready", "-h", "{host}", "-p", "{port.sql}"], deadline = "100s" }
phase = "databases"
stop_signal = "SIGINT"
scope = "slot-database"
database = { kind = "postgresql", template = "app", user = "@pg_role@" }
"""

PG_TESTS = """
    import os, subprocess, time
    import pytest

    pytestmark = pytest.mark.trun(services=["postgres"])

    def sql(text):
        url = os.environ["TRUN_SERVICE_POSTGRES_URL"]
        done = subprocess.run(["psql", "-At", url, "-c", text], check=True, capture_output=True, text=True)
        return done.stdout.split("\\n")[:-1]

    def test_begins_with_the_template(record_property, both_slots):
        record_property("database", sql("select current_database()")[0])
        assert sql("select name from item") == ["of the template"]
        sql("insert into item values ('of test one')")

    def test_same_file_same_database():
        assert sql("select name from item order by 1") == ["of test one", "of the template"]
    """


def test_postgresql_a_database_for_each_slot_as_new_for_each_file(services, postgresql):
    suite = services(PG, {"conftest.py": BOTH_SLOTS, **{f"test_{letter}.py": PG_TESTS for letter in "abcdef"}})
    run = suite.trun("-n", "2", "--dist", "loadfile", limit=180)
    assert run.code == 0, run.said
    assert len(run.verdicts()) == 12
    names = {part.partition('"')[0] for part in run.junit_text().split('name="database" value="')[1:]}
    assert len(names) == 2, names
    assert suite.log("postgres").count("ready to accept connections") == 1, "one server"


def test_postgresql_killed_under_a_test(services, postgresql):
    tests = (
        PG_TESTS
        + """
    def test_loses_it():
        pid = int(open(sql("show data_directory")[0] + "/postmaster.pid").readline())
        os.kill(pid, 9)
        while os.path.exists(f"/proc/{pid}"):  # a zombie, until trun has noticed
            time.sleep(0.01)
        sql("select 1")

    def test_another():
        assert sql("select 1") == ["1"]
    """
    )
    suite = services(PG.replace('phase = "databases"', 'phase = "databases"\nrestart = 1'), {"test_a.py": tests})
    run = suite.trun("-n", "1", "-k", "loses or another", limit=180)
    assert run.code == 1, run.said
    assert run.verdicts() == {"test_a.py::test_loses_it": ["infrastructure"], "test_a.py::test_another": ["passed"]}
    assert "service postgres died (signal 9 (SIGKILL)) while the test used it" in run.out


def test_postgresql_and_kill_9_of_the_engine(services, postgresql):
    tests = (
        PG_TESTS
        + """
    def test_long():
        open("at-work", "w").close()
        time.sleep(60)
    """
    )
    suite = services(PG, {"test_a.py": tests})
    process = suite.start("-n", "1", "-k", "long")
    assert harness.wait_until((suite.root / "at-work").exists, 180)
    os.kill(harness.Processes(process.pid).find("engine"), signal.SIGKILL)
    suite.finish(process)  # looks for survivors: the postmaster and its children carry the mark


REDIS = """
[services.redis]
command = ["redis-server", "--port", "{port}", "--bind", "127.0.0.1", "--save", "", "--dir", "{dir}"]
ports = ["tcp"]
ready = "tcp"
scope = "slot-database"
database = { kind = "redis" }
"""

REDIS_TESTS = """
    import os, subprocess
    import pytest

    def redis(*words):
        url = os.environ["TRUN_SERVICE_REDIS_URL"]
        return subprocess.run(["redis-cli", "-u", url, *words], check=True, capture_output=True, text=True).stdout.strip()

    @pytest.mark.trun(services=["redis"])
    def test_begins_empty():
        assert redis("dbsize") == "0"
        redis("set", "key", os.environ["TRUN_SERVICE_REDIS_DATABASE"])

    @pytest.mark.trun(services=["redis"])
    def test_same_file_same_database():
        assert redis("get", "key") == os.environ["TRUN_SLOT"]
    """


def test_redis_a_database_number_for_each_slot(services, redis):
    suite = services(REDIS, {f"test_{letter}.py": REDIS_TESTS for letter in "abcdefgh"})
    run = suite.trun("-n", "2", "--dist", "loadfile")
    assert run.code == 0, run.said
    assert len(run.verdicts()) == 16


def test_redis_a_key_prefix_for_each_slot(services, redis):
    """The keys of the slot are new for each file; those of others stay."""
    toml = REDIS.replace('kind = "redis"', 'kind = "redis", prefix = "t[{run_id}]*{slot}:"')
    module = (
        REDIS_TESTS.partition("    @pytest")[0]
        + """
    pytestmark = pytest.mark.trun(services=["redis"])
    PREFIX = os.environ["TRUN_SERVICE_REDIS_DATABASE"]

    def test_begins_without_keys_of_its_own(both_slots):
        assert PREFIX == f"t[{os.environ['TRUN_RUN_ID'][:8]}]*{os.environ['TRUN_SLOT']}:"
        assert os.environ["TRUN_SERVICE_REDIS_URL"].endswith("/0")
        assert redis("exists", PREFIX + "key", PREFIX + "3000") == "0"
        redis("eval", "for i = 1, 3000 do redis.call('set', ARGV[1] .. i, 1) end", "0", PREFIX)
        redis("set", PREFIX + "key", "mine")
        redis("set", f"of-all-{os.environ['TRUN_SLOT']}", "stays")

    def test_same_file_same_keys():
        assert redis("get", PREFIX + "key") == "mine"
        assert redis("get", f"of-all-{os.environ['TRUN_SLOT']}") == "stays"
    """
    )
    suite = services(toml, {"conftest.py": BOTH_SLOTS, **{f"test_{letter}.py": module for letter in "abcd"}})
    run = suite.trun("-n", "2", "--dist", "loadfile")
    assert run.code == 0, run.said
    assert len(run.verdicts()) == 8


def test_two_runs_side_by_side_collide_in_nothing(services, redis):
    suites = [services(REDIS, {f"test_{x}.py": REDIS_TESTS for x in "abcd"}, name=f"suite{i}") for i in range(3)]
    started = [suite.start("-n", "2", "--dist", "loadfile") for suite in suites]
    for suite, process in zip(suites, started):
        run = suite.finish(process)
        assert run.code == 0, run.said


def test_a_command_of_ones_own_makes_the_database(services):
    toml = """
        [services.files]
        command = "sleep 600"
        scope = "slot-database"
        database = { kind = "command", name = "d{slot}", reset = "rm -rf {dir}/{database} && mkdir {dir}/{database}" }
        env = { ROOT = "{dir}" }
        url = "file://{dir}/{database}"
        """
    module = """
        import os, pytest

        @pytest.mark.trun(services=["files"])
        def test_is_new():
            folder = os.environ["TRUN_SERVICE_FILES_URL"][7:]
            assert os.listdir(folder) == []
            open(folder + "/x", "w")
        """
    run = services(toml, {f"test_{letter}.py": module for letter in "abcd"}).trun("-n", "2")
    assert run.code == 0, run.said


def test_a_database_that_cannot_be_made_is_infrastructure(services):
    toml = """
        [services.files]
        command = "sleep 600"
        scope = "slot-database"
        database = { kind = "command", reset = "echo no space; exit 3" }
        """
    module = """
        import pytest

        @pytest.mark.trun(services=["files"])
        def test_a():
            pass
        """
    run = services(toml, {"test_a.py": module}).trun("-n", "2")
    assert run.verdicts() == {"test_a.py::test_a": ["infrastructure"]}, run.said
    assert "service files has no database for this slot: /bin/sh: exit 3, no space" in run.out
