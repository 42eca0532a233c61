"""The files that a run writes."""

import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

OUTCOMES = """
    import pytest

    def test_passes():
        print("printed by the test")

    def test_fails():
        assert {"a": 1} == {"a": 2}

    @pytest.mark.skip(reason="not today")
    def test_skipped():
        pass

    @pytest.mark.xfail(reason="known")
    def test_xfailed():
        assert 0

    @pytest.fixture
    def broken():
        raise OSError("no fixture today")

    def test_error(broken):
        pass

    @pytest.mark.parametrize("text", ["\\x1b[31m", "]]>", "\\ud800", "é\\uffff", "<&>"])
    def test_characters(text):
        print(text.encode("utf-8", "replace").decode())
        assert text == ""
"""
EXPECTED = {
    "test_outcomes::test_passes": ["passed"],
    "test_outcomes::test_fails": ["failure"],
    "test_outcomes::test_skipped": ["skipped"],
    "test_outcomes::test_xfailed": ["skipped"],
    "test_outcomes::test_error": ["error"],
}


@pytest.fixture
def run(suite):
    return suite({"test_outcomes.py": OUTCOMES}).trun("-n", "2")


@pytest.mark.parametrize("workers", ["0", "2"])
def test_junit_totals_count_subtests_as_pytest_does(suite, workers):
    text = """
        import unittest

        class Many(unittest.TestCase):
            def test_passes(self):
                for n in range(3):
                    with self.subTest(n=n):
                        assert n < 3

            def test_fails(self):
                for n in range(3):
                    with self.subTest(n=n):
                        assert n < 1

            def test_skips(self):
                for n in range(3):
                    with self.subTest(n=n):
                        if n:
                            self.skipTest("not here")
    """
    ours = suite({"test_a.py": text})

    def totals(run):
        tree = ElementTree.parse(run.reports / "junit.xml")
        suites = tree.find("testsuite")
        counts = {name: suites.get(name) for name in ("tests", "failures", "errors", "skipped")}
        return counts, sorted(element.get("message") for element in tree.iter("skipped"))

    assert totals(ours.trun("-n", workers)) == totals(ours.pytest())


def test_junit_has_one_case_a_test(run):
    cases = run.junit()
    assert {name: cases[name] for name in EXPECTED} == EXPECTED
    assert sorted(map(len, cases.values())) == [1] * 10


def plain_names(cases):
    """Without the names that hold characters which XML does not: each writes those in its own way."""
    return {name: verdicts for name, verdicts in cases.items() if "characters" not in name}


def test_junit_has_the_cases_that_pytest_writes(suite):
    ours = suite({"test_outcomes.py": OUTCOMES})
    expected = plain_names(ours.pytest().junit())
    assert plain_names(ours.trun("-n", "2").junit()) == expected


@pytest.mark.parametrize("args", [("-n", "2"), ("-n", "0")])
@pytest.mark.parametrize("family", ["xunit1", "xunit2"])
def test_recorded_attributes_stand_where_pytest_has_them(suite, family, args):
    text = """
        def test_named(record_xml_attribute):
            record_xml_attribute("classname", "shop.Cart")
            record_xml_attribute("name", "paying")
            record_xml_attribute("REQ", "1 & 2")

        def test_plain():
            pass
    """
    ours = suite({"test_a.py": text})
    family = f"junit_family={family}"
    expected = attributes(ours.pytest("-o", family, "-W", "ignore"))
    assert attributes(ours.trun("-o", family, "-W", "ignore", *args)) == expected
    assert expected[0]["name"] == "paying"


def attributes(run):
    """Of each test case, without its time."""
    cases = ElementTree.parse(run.reports / "junit.xml").iter("testcase")
    return [{name: value for name, value in case.attrib.items() if name != "time"} for case in cases]


BESIDE = """
    import pathlib, pytest

    def test_knows_the_report(pytestconfig):
        assert pytestconfig.getoption("--junitxml") == pytestconfig.option.xmlpath
        assert pathlib.Path(pytestconfig.option.xmlpath).name == "junit.xml"
        (pathlib.Path(pytestconfig.option.xmlpath).parent / "artifact").touch()
"""
BESIDE_CONFIGURED = """
    def pytest_configure(config):
        assert config.option.xmlpath
"""


@pytest.mark.parametrize("options", [("-n0",), ("-n2",), ("-n2", "--collect", "once"), ("-n2", "--start", "fresh")])
def test_suites_find_the_report_to_put_things_beside_it(suite, options):
    made = suite({"test_a.py": BESIDE, "conftest.py": BESIDE_CONFIGURED})
    run = made.trun(*options)
    assert run.code == 0, run.said
    assert (run.reports / "artifact").exists()
    assert len(run.junit()) == 1


def test_junit_is_well_formed_for_a_strict_parser(run):
    path = run.reports / "junit.xml"
    checked = subprocess.run(["xmllint", "--noout", path], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_junit_totals_agree_with_its_cases(run):
    root = ElementTree.parse(run.reports / "junit.xml").getroot()
    for element in (root, *root.iter("testsuite")):
        cases = list(element.iter("testcase"))
        assert int(element.get("tests")) == len(cases)
        for tag, total in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert int(element.get(total)) == sum(case.find(tag) is not None for case in cases)


def test_metrics_are_versioned_and_count_the_outcomes(run):
    metrics = run.metrics()
    assert metrics["schema"] == "trun.metrics/1"
    assert metrics["exit_code"] == 1
    assert metrics["tests"]["collected"] == metrics["tests"]["finished"] == 10
    expected = {"passed": 1, "failed": 6, "skipped": 1, "xfailed": 1, "error": 1}
    assert metrics["tests"]["by_outcome"] == expected
    assert [worker["worker"] for worker in metrics["workers"]] == ["gw0", "gw1"]
    assert sum(worker["tests"] for worker in metrics["workers"]) == 10


def test_events_are_lines_of_json_in_order(run):
    names = [event["event"] for event in run.events()]
    assert names[0] == "run_started"
    assert names[-1] == "run_finished"
    assert names.index("collection_finished") < names.index("test_finished")
    assert names.count("test_finished") == 10


def test_events_have_one_verdict_for_each_node_id(run):
    verdicts = run.verdicts()
    assert verdicts["test_outcomes.py::test_passes"] == ["passed"]
    assert verdicts["test_outcomes.py::test_error"] == ["error"]
    assert verdicts["test_outcomes.py::test_xfailed"] == ["xfailed"]
    assert all(len(each) == 1 for each in verdicts.values())


@pytest.mark.parametrize(
    "files", [{"readme.txt": ""}, {"test_broken.py": "import no_such_module\n"}], ids=["none", "broken"]
)
def test_reports_are_written_where_no_test_ran(suite, files):
    run = suite(files).trun("-n", "2")
    assert run.code in (2, 5)
    assert run.junit_text().startswith("<?xml")
    assert run.metrics()["exit_code"] == run.code
    assert run.events()[-1]["event"] == "run_finished"


def test_a_report_that_can_no_longer_be_written_is_named_and_silences_no_other(suite):
    ours = suite({"test_a.py": "import os\n\ndef test_a():\n    os.rmdir('out')\n    open('out', 'w').close()\n"})
    run = ours.trun("-n", "1", "--metrics=out/metrics.json")
    assert "metrics report" in run.err and "out" in run.err
    assert run.code == 3
    assert run.junit() == {"test_a::test_a": ["passed"]}


def properties(report):
    found = ElementTree.parse(report).iter("property")
    return [(each.get("name"), each.get("value")) for each in found if not each.get("name").startswith("trun.")]


@pytest.mark.parametrize("options", [("-n", "0"), ("-n", "2"), ("-n", "2", "--collect", "once")], ids=" ".join)
def test_what_each_worker_says_of_the_suite_is_said_once(suite, options):
    """As pytest's documentation has it: a fixture of session scope, which each worker runs."""
    conftest = """
        import pytest

        @pytest.fixture(scope="session", autouse=True)
        def facts(record_testsuite_property):
            record_testsuite_property("ARCH", "PPC")
    """
    text = "def test_it(record_testsuite_property):\n    record_testsuite_property('told', 'by each test')\n"
    files = {f"test_{name}.py": text for name in "abcd"}
    made = suite({"conftest.py": conftest, **files})
    assert made.trun(*options, "--junitxml", "report.xml").code == 0
    found = properties(made.root / "report.xml")
    assert found.count(("ARCH", "PPC")) == 1
    assert ("told", "by each test") in found


NAMES_REPORT = """
    import os

    def pytest_configure(config):
        if not config.option.xmlpath:
            config.option.xmlpath = "reports/own.xml"

    def pytest_sessionstart(session):
        from _pytest.junitxml import xml_key
        log = session.config.stash.get(xml_key, None)
        if log is not None:
            log.add_global_property("of", "the controller")
"""


@pytest.mark.parametrize("number", ["0", "1", "2"])
def test_a_conftest_may_name_the_junit_report(suite, number):
    text = "def test_passes(): pass\ndef test_fails(): assert 0\n"
    made = suite({"conftest.py": NAMES_REPORT, "test_a.py": text, "test_b.py": text})
    command = [part for part in made.command("-n", number) if not part.startswith("--junitxml")]
    run = subprocess.run(command, cwd=made.root, env=made.environment(), capture_output=True, text=True, check=False)
    assert run.returncode == 1, run.stdout + run.stderr
    report = made.root / "reports" / "own.xml"
    cases = ElementTree.parse(report).findall(".//testcase")
    assert sorted((case.get("classname"), case.get("name"), len(case.findall("failure"))) for case in cases) == [
        ("test_a", "test_fails", 1),
        ("test_a", "test_passes", 0),
        ("test_b", "test_fails", 1),
        ("test_b", "test_passes", 0),
    ]
    assert properties(report) == [("of", "the controller")]
    assert "own.xml" in run.stdout


def test_the_report_that_the_user_asked_for_goes_before_a_conftests(suite):
    made = suite({"conftest.py": NAMES_REPORT, "test_a.py": "def test_passes(): pass\n"})
    assert made.trun("-n", "2", "--junitxml", "mine.xml").code == 0
    assert (made.root / "mine.xml").exists()
    assert not (made.root / "reports").exists()
