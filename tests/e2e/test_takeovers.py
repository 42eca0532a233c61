"""A worker that runs out of work takes some of another's: a fresh process collects it, in the same slot. What conftests do
where a worker begins and ends must not meet in the middle."""

import pytest

# The rest of the long file moves; of the second suite, whole files do.
LONG = {
    f"test_{name}.py": f"import time, pytest\n\n@pytest.mark.parametrize('n', range({tests}))\n"
    "def test_it(n{0}):\n    time.sleep(0.05)\n"
    for name, tests in (("a_long", 30), ("b", 8), ("c", 8))
}
FILES = {
    f"test_{n}.py": "import time, pytest\n\n@pytest.mark.parametrize('n', range(4))\n"
    f"def test_it(n{{0}}):\n    time.sleep({0.2 if n % 2 else 0.01})\n"
    for n in range(8)
}
MADE_AND_DROPPED = """
    import os, shutil
    import pytest

    def place(config):
        return "db_" + getattr(config, "workerinput", {"workerid": "master"})["workerid"]

    def pytest_sessionstart(session):
        os.mkdir(place(session.config))

    def pytest_sessionfinish(session):
        shutil.rmtree(place(session.config))

    @pytest.fixture
    def db(request):
        return os.stat(place(request.config))
"""
# The same without the worker's name: by a variable that trun and xdist set.
BY_VARIABLE = MADE_AND_DROPPED.replace(
    'getattr(config, "workerinput", {"workerid": "master"})["workerid"]',
    'os.environ.get("PYTEST_XDIST_WORKER", "master")',
)
PARTS = """
    import glob, json

    SEEN = []

    def pytest_runtest_logreport(report):
        if report.when == "call":
            SEEN.append(report.nodeid)

    def pytest_sessionfinish(session):
        worker = getattr(session.config, "workerinput", {}).get("workerid")
        if worker:
            with open(f"part-{worker}.json", "w") as file:
                json.dump(SEEN, file)
        else:
            with open("total", "w") as file:
                file.write(str(sum(len(json.load(open(part))) for part in glob.glob("part-*.json"))))
"""


def filled(files, more=""):
    return {name: text.replace("{0}", more) for name, text in files.items()}


@pytest.mark.parametrize("files", [LONG, FILES], ids=["the back of a file", "whole files"])
@pytest.mark.parametrize("conftest", [MADE_AND_DROPPED, BY_VARIABLE], ids=["workerinput", "variable"])
def test_what_is_made_for_a_worker_is_there_for_all_its_tests(suite, files, conftest):
    run = suite({"conftest.py": conftest, **filled(files, ", db")}).trun("-n", "2", "--collect", "sharded")
    assert run.code == 0, run.said


@pytest.mark.parametrize("files", [LONG, FILES], ids=["the back of a file", "whole files"])
def test_what_workers_leave_under_their_name_is_whole(suite, files):
    ours = suite({"conftest.py": PARTS, **filled(files)})
    run = ours.trun("-n", "2", "--collect", "sharded")
    assert run.code == 0, run.said
    assert (ours.root / "total").read_text() == str(len(run.verdicts()))


def test_processes_of_one_slot_do_not_overlap_where_conftests_begin_and_end(suite):
    """Nothing names the worker: files move, one process after the other."""
    conftest = """
        import os, time

        def tell(what):
            with open("log", "a") as file:
                file.write(f"{os.environ['TRUN_SLOT']} {what} {os.getpid()}\\n")

        def pytest_sessionstart():
            tell("starts")

        def pytest_unconfigure():
            time.sleep(0.1)
            tell("ends")
    """
    ours = suite(
        {"conftest.py": conftest.replace("os.environ['TRUN_SLOT']", "os.environ.get('TRUN_SLOT', '-')"), **filled(LONG)}
    )
    run = ours.trun("-n", "2", "--collect", "sharded")
    assert run.code == 0, run.said
    acts = [line.split() for line in (ours.root / "log").read_text().splitlines()]
    for slot in ("0", "1"):
        own = [(what, pid) for where, what, pid in acts if where == slot]
        assert [what for what, _ in own] == ["starts", "ends"] * (len(own) // 2)
    assert len({pid for slot, _, pid in acts if slot in ("0", "1")}) == 3


DATABASE = """
    import sqlite3
    import pytest

    @pytest.fixture(scope="session")
    def db({fixture}):
        connection = sqlite3.connect(f"{{{name}}}.sqlite")
        connection.execute("CREATE TABLE book (title)")
        yield connection
        connection.close()
"""


@pytest.mark.parametrize("mode", ["once", "each"])
def test_session_fixtures_are_set_up_once_in_a_process(suite, mode):
    """The quick files make the others seem quick, too: what turns out to be slow goes to a worker that had run out of work."""
    database = DATABASE.format(fixture="", name="os.getpid()").replace("import sqlite3", "import os, sqlite3")
    files = {
        name: text.replace("0.2", "0") if n % 2 else text.replace("0.01", "0.2")
        for n, (name, text) in enumerate(FILES.items())
    }
    ours = suite({"conftest.py": database, **filled(files, ", db")})
    run = ours.trun("-n", "2", "--collect", mode)
    assert run.code == 0, run.said
    assert len(run.verdicts()) == 32


@pytest.mark.parametrize("place", ["plugin", "library"])
def test_a_name_of_a_worker_is_one_process_also_where_no_conftest_asks_for_it(suite, place):
    if place == "plugin":
        files = {
            "conftest.py": 'pytest_plugins = ["shop"]\n',
            "shop.py": DATABASE.format(fixture="worker_id", name="worker_id"),
        }
    else:
        conftest = DATABASE.format(fixture="", name="shop.WORKER").replace("import sqlite3", "import sqlite3, shop")
        files = {
            "conftest.py": conftest,
            "shop.py": 'import os\n\nWORKER = os.environ.get("PYTEST_XDIST_WORKER", "master")\n',
        }
    ours = suite({"pytest.ini": "[pytest]\npythonpath = .\n", **files, **filled(FILES, ", db")})
    run = ours.trun("-n", "2", "--collect", "sharded")
    assert run.code == 0, run.said
