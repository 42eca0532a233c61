"""No verdict changes because a test prints much, a suite is large, or a value or a name is odd."""

import json
import math
import os
import re

import pytest

WAYS = [("0", "each"), ("1", "each"), ("2", "each"), ("2", "once"), ("2", "sharded")]
NOTE = re.compile(r"\[trun: ([\d,]+) of ([\d,]+) bytes are left out here \(--section-limit\)\]")


def in_bytes(name):
    """A file name that is no UTF-8."""
    return os.fsdecode(name)


# -- names

ALIKE = """
    import time
    import pytest

    @pytest.mark.parametrize("b", ["2", "1-2", "2-2", "1-2-2"])
    @pytest.mark.parametrize("a", ["x", "x-1", "x-2", "x-1-2"])
    def test_it(a, b):
        with open("ran", "a") as file:
            file.write(f"{a} {b}\\n")
        time.sleep(0.1)
        assert (a, b) != ("x", "1-2")
"""


@pytest.mark.parametrize("number, collect", WAYS)
def test_of_tests_with_one_name_each_runs_once(suite, number, collect):
    """pytest joins parameters by "-": ("x-1", "2") and ("x", "1-2") have one id."""
    made = suite({"test_a.py": ALIKE})
    run = made.trun("-n", number, "--collect", collect)
    assert "1 failed, 15 passed" in run.said, run.said[-2000:]
    ran = (made.root / "ran").read_text().splitlines()
    assert sorted(ran) == sorted(f"{a} {b}" for a in ("x", "x-1", "x-2", "x-1-2") for b in ("2", "1-2", "2-2", "1-2-2"))


# -- sizes

MUCH = """
    def test_passes():
        for _ in range(300):
            print("x" * (1 << 20))

    def test_fails():
        print("first line")
        for _ in range(30):
            print("y" * (1 << 20))
        print("last line")
        assert 0, "z" * (3 << 20)

    def test_after():
        pass
"""


@pytest.mark.parametrize("number", ["0", "1"])
def test_a_test_that_prints_more_than_a_frame_holds_keeps_its_verdict(suite, number):
    run = suite({"test_a.py": MUCH}).trun("-n", number, "-vv", limit=180)
    outcomes = {nodeid.partition("::")[2]: found for nodeid, found in run.verdicts().items()}
    assert outcomes == {"test_passes": ["passed"], "test_fails": ["failed"], "test_after": ["passed"]}, run.said[-2000:]
    (report,) = [
        report
        for event in run.events()
        if event["event"] == "test_finished" and event["nodeid"].endswith("test_fails")
        for report in event["reports"]
        if report["when"] == "call"
    ]
    ((name, text),) = report["sections"]
    assert name == "Captured stdout call"
    assert text.startswith("first line\n") and text.endswith("last line\n")
    gone, size = (int(number.replace(",", "")) for number in NOTE.search(text).groups())
    assert size > 30 << 20 and size - gone <= 1 << 20 and len(text) < (1 << 20) + 200
    assert NOTE.search(report["longrepr"])


def test_the_limit_is_an_option(suite):
    text = "def test_a():\n    print('x' * 5000 + 'end')\n    assert 0\n"
    made = suite({"test_a.py": text})
    assert "x" * 5000 in made.trun("-n", "1").out
    cut = made.trun("-n", "1", "--section-limit", "1000").out
    assert "x" * 400 in cut and "x" * 1000 not in cut and "xend" in cut
    assert NOTE.search(cut)[2] == "5,004"
    assert "x" * 5000 in made.trun("-n", "1", "--section-limit", "0").out


def test_what_the_plugin_host_hears_is_cut_as_well(suite):
    conftest = """
        sizes = []

        def pytest_runtest_logreport(report):
            sizes.extend(len(text) for _, text in report.sections)

        def pytest_terminal_summary(terminalreporter, config):
            if not hasattr(config, "workerinput"):
                terminalreporter.write_line(f"sizes: {sorted(sizes)}")
    """
    text = "def test_a():\n    for _ in range(100):\n        print('x' * (1 << 20))\n    assert 0\n"
    run = suite({"conftest.py": conftest, "test_a.py": text, "test_b.py": "def test_b(): pass\n"}).trun("-n", "2")
    assert run.verdicts()["test_a.py::test_a"] == ["failed"], run.said[-2000:]
    (sizes,) = re.findall(r"sizes: \[(\d+), \d+\]|sizes: \[(\d+)\]", run.out[-20000:])
    assert 1 << 19 < int(sizes[0] or sizes[1]) < 1 << 21


@pytest.mark.parametrize("number, collect", WAYS)
def test_a_collection_that_travels_in_parts_is_whole(suite, number, collect):
    """Node ids of 2,000 characters: 12 MB of them."""
    text = """
        import pytest

        @pytest.mark.parametrize("n", [f"{n}-" + "x" * 2000 for n in range(3000)])
        def test_n(n):
            assert not n.startswith("2999-")

        @pytest.mark.timeout(50)
        def test_last():
            pass
    """
    made = suite({"test_a.py": text, "test_b.py": text})
    run = made.trun("-n", number, "--collect", collect, limit=180)
    assert run.code == 1, run.said[-2000:]
    found = run.verdicts()
    assert len(found) == 6002
    assert [outcome for outcomes in found.values() for outcome in outcomes].count("failed") == 2
    failed = json.loads((made.root / ".pytest_cache/v/cache/lastfailed").read_text())
    assert len(failed) == 2
    assert len(json.loads((made.root / ".pytest_cache/v/cache/nodeids").read_text())) == 6002
    again = made.trun("-n", number, "--lf", limit=180)
    assert len(again.verdicts()) == 2


def test_a_plugin_host_hears_of_a_collection_in_parts(suite):
    conftest = """
        def pytest_xdist_node_collection_finished(node, ids):
            print("ids:", len(ids), len(set(ids)))
    """
    text = """
        import pytest

        @pytest.mark.parametrize("n", [f"{n}-" + "x" * 2000 for n in range(3000)])
        def test_n(n):
            pass
    """
    run = suite({"conftest.py": conftest, "test_a.py": text, "test_b.py": text}).trun("-n", "2", limit=180)
    assert run.code == 0, run.said[-2000:]
    assert "ids: 6000 6000" in run.out


# -- values


@pytest.mark.parametrize("number", ["0", "1", "2"])
@pytest.mark.parametrize("limit", ["float('nan')", "float('inf')", "1e30", "10**400"])
def test_a_time_limit_that_no_clock_has(suite, limit, number):
    text = f"import pytest\n\n@pytest.mark.timeout({limit})\ndef test_a():\n    pass\n\ndef test_b():\n    pass\n"
    run = suite({"test_a.py": text, "test_c.py": text}).trun("-n", number, "-p", "no:timeout")
    assert run.code == 0, run.said


@pytest.mark.parametrize(
    "args, code",
    [
        (["--durations=3", "--durations-min=nan"], 0),
        (["--durations=3", "--durations-min=inf"], 0),
        (["--maxfail=99999999999999999999"], 0),
        (["--durations=99999999999999999999"], 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_numbers_on_the_command_line(suite, args, code):
    made = suite({"test_a.py": "def test_a():\n    pass\n"})
    assert made.pytest(*args).code == code
    run = made.trun("-n", "1", *args)
    assert run.code == code, run.said


def test_durations_that_are_no_numbers(suite):
    made = suite({"test_a.py": "def test_a():\n    pass\n", "test_b.py": "def test_b():\n    pass\n"})
    assert made.trun("-n", "2").code == 0
    times = made.root / ".pytest_cache/v/trun/durations"
    assert times.exists()
    times.write_text(json.dumps({"test_a.py": math.nan, "test_b.py": math.inf}))
    run = made.trun("-n", "2")
    assert run.code == 0, run.said
    assert all(math.isfinite(took) for took in json.loads(times.read_text()).values())


@pytest.mark.parametrize("number, collect", WAYS[:-1])
def test_what_plugins_say_of_lines_and_properties(suite, number, collect):
    conftest = """
        import pytest

        class Odd(pytest.Item):
            def runtest(self):
                self.user_properties.append(("nan", float("nan")))
                self.user_properties.append(("surrogate", "\\udcff"))

            def reportinfo(self):
                return self.path, self.line, self.name

        class File(pytest.File):
            def collect(self):
                for number, line in enumerate([10**30, -5, True, 2**31, None]):
                    item = Odd.from_parent(self, name=f"odd{number}")
                    item.line = line
                    yield item

        def pytest_collect_file(file_path, parent):
            if file_path.suffix == ".odd":
                return File.from_parent(parent, path=file_path)
    """
    files = {"conftest.py": conftest, "a.odd": "", "b.odd": "", "test_a.py": "def test_a():\n    pass\n"}
    run = suite(files).trun("-n", number, "--collect", collect, "-o", "junit_family=legacy")
    assert run.code == 0, run.said
    assert len(run.verdicts()) == 11


@pytest.mark.parametrize("number", ["0", "1", "2"])
def test_workeroutput_may_hold_what_json_has_no_word_for(suite, number):
    conftest = """
        def pytest_sessionfinish(session):
            if hasattr(session.config, "workeroutput"):
                session.config.workeroutput["x"] = float("nan"), "\\udcff", b"\\xff", 10**30

        def pytest_testnodedown(node, error):
            print("had:", node.workeroutput["x"])
    """
    run = suite({"conftest.py": conftest, "test_a.py": "def test_a():\n    pass\n"}).trun("-n", number)
    assert run.code == 0, run.said
    if number != "0":
        assert run.out.count(r"had: (nan, '\udcff', b'\xff', 1000000000000000000000000000000)") == int(number)


# -- names

ODD_NAME = in_bytes(b"test_\xff.py")
OTHER_ODD_NAME = in_bytes(b"test_\xfe.py")
NAMED = {
    ODD_NAME: """
        import os
        import pytest

        @pytest.mark.trun(resources=["gpu"])
        def test_has_a_lease():
            assert os.environ["TRUN_RESOURCE_GPU"] == "0"

        @pytest.mark.timeout(30)
        def test_fails():
            assert 0, "\\udc80 and \\ud800"

        def test_passes():
            pass
    """,
    OTHER_ODD_NAME: """
        import os

        def test_first():
            pass

        def test_ends_the_process():
            os._exit(3)

        def test_after():
            pass
    """,
    "test_plain.py": "def test_plain():\n    pass\n",
    "trun.toml": "[resources]\ngpu = 1\n",
}
WIRE_ID, OTHER_WIRE_ID = r"test_\udcff.py", r"test_\udcfe.py"


@pytest.mark.parametrize("number, collect", WAYS)
def test_files_whose_names_are_no_utf8(suite, number, collect):
    """Leases, admissions and replacements know them by the same id as the reports."""
    run = suite(NAMED).trun("-n", number, "--collect", collect)
    assert run.verdicts() == {
        f"{WIRE_ID}::test_has_a_lease": ["passed"],
        f"{WIRE_ID}::test_fails": ["failed"],
        f"{WIRE_ID}::test_passes": ["passed"],
        f"{OTHER_WIRE_ID}::test_first": ["passed"],
        f"{OTHER_WIRE_ID}::test_ends_the_process": ["premature_exit"],
        f"{OTHER_WIRE_ID}::test_after": ["passed"],
        "test_plain.py::test_plain": ["passed"],
    }, run.said
    assert r"AssertionError: \udc80 and \ud800" in run.out
    assert sum(len(results) for results in run.junit().values()) == 7


def test_a_plugin_host_hears_of_them_by_their_own_names(suite):
    conftest = """
        heard = []

        def pytest_runtest_logreport(report):
            if report.when == "call":
                heard.append(report.nodeid)

        def pytest_terminal_summary(terminalreporter, config):
            if not hasattr(config, "workerinput"):
                terminalreporter.write_line("heard: " + ascii(sorted(heard)))
    """
    text = "def test_a():\n    pass\n\ndef test_b():\n    assert 0\n"
    run = suite({"conftest.py": conftest, ODD_NAME: text, "test_plain.py": text}).trun("-n", "2")
    odd = [rf"'test_\udcff.py::test_{name}'" for name in "ab"]
    plain = [f"'test_plain.py::test_{name}'" for name in "ab"]
    assert f"heard: [{', '.join(plain + odd)}]" in run.out, run.said


@pytest.mark.parametrize("number", ["0", "2"])
@pytest.mark.parametrize("sharding", ["sharded", "once"])
def test_a_folder_and_an_argument_that_are_no_utf8(suite, number, sharding):
    folder = in_bytes(b"d\xff")
    files = {
        f"{folder}/{ODD_NAME}": "def test_a():\n    pass\n",
        f"{folder}/test_b.py": "def test_b():\n    pass\n",
        "test_c.py": "def test_c():\n    pass\n",
    }
    made = suite(files)
    run = made.trun("-n", number, "--collect", sharding, folder)
    assert sorted(run.verdicts()) == [rf"d\udcff/{WIRE_ID}::test_a", r"d\udcff/test_b.py::test_b"], run.said
    one = made.trun("-n", number, f"{folder}/{ODD_NAME}::test_a")
    assert list(one.verdicts()) == [rf"d\udcff/{WIRE_ID}::test_a"], one.said
