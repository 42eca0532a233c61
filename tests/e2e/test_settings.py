"""Settings: trun.toml, [tool.trun], addopts; and what needs a controller."""

import pytest

PASSING = {"test_a.py": "def test_one(request):\n    assert request.config.workerinput['workercount'] == 3\n"}
WORKERS = {
    "test_a.py": "import pytest, time\n\n@pytest.mark.parametrize('n', range(8))\ndef test_n(n, request):\n    time.sleep(0.05)\n"
    "    assert hasattr(request.config, 'workerinput')\n"
}


def test_pyproject_sets_the_number_of_workers(suite):
    run = suite({**PASSING, "pyproject.toml": "[tool.trun]\nnumprocesses = 3\n"}).trun()
    assert run.code == 0, run.said


def test_trun_toml_sets_the_number_of_workers(suite):
    run = suite({**PASSING, "trun.toml": "numprocesses = 3\n"}).trun()
    assert run.code == 0, run.said


def test_the_command_line_wins(suite):
    run = suite({**PASSING, "trun.toml": "numprocesses = 2\n"}).trun("-n", "3")
    assert run.code == 0, run.said


def test_an_unknown_key_names_file_line_and_the_nearest_key(suite):
    run = suite({**PASSING, "trun.toml": "# settings\nnumproceses = 3\n"}).trun()
    assert run.code == 4
    assert "trun.toml:2" in run.err
    assert "numproceses" in run.err
    assert "numprocesses" in run.err.replace("numproceses", "")


def test_a_wrong_type_names_file_line_and_key(suite):
    run = suite({**PASSING, "pyproject.toml": "[tool.trun]\nlane = 3\n"}).trun()
    assert run.code == 4
    assert "pyproject.toml:2" in run.err
    assert "lane" in run.err


def test_show_config_says_where_each_value_came_from(suite):
    run = suite({**PASSING, "trun.toml": "numprocesses = 3\n"}).trun("--show-config", "--lane", "standard")
    assert run.code == 0
    assert any("numprocesses" in line and "trun.toml" in line for line in run.out.splitlines())
    assert any("lane" in line and "standard" in line for line in run.out.splitlines())


@pytest.mark.parametrize("addopts", ["-n 2", "-n auto", "-n 2 --dist loadfile"])
def test_addopts_for_xdist_with_xdist(suite, addopts):
    run = suite({**WORKERS, "pytest.ini": f"[pytest]\naddopts = {addopts}\n"}).trun()
    assert run.code == 0, run.said


@pytest.mark.parametrize("addopts", ["-n 2", "-n auto", "-n 2 --dist loadfile"])
def test_addopts_for_xdist_without_xdist(suite, plain_python, addopts):
    run = suite({**WORKERS, "pytest.ini": f"[pytest]\naddopts = {addopts}\n"}).trun(python=plain_python)
    assert run.code == 0, run.said


NEEDS_ITS_FILE = {
    f"test_{name}.py": "import pytest, time\n\nSEEN = []\n\n@pytest.mark.parametrize('n', range(24))\n"
    "def test_n(n):\n    time.sleep(0.01)\n    SEEN.append(n)\n    assert SEEN == list(range(n + 1))\n"
    for name in "a"
}


@pytest.mark.parametrize("xdist", ["with", "without"])
@pytest.mark.parametrize("where", ["addopts", "PYTEST_ADDOPTS"])
def test_dist_counts_in_addopts(suite, plain_python, where, xdist):
    """A file whose tests build on each other: split over two workers, it fails."""
    given = {"addopts": ({"pytest.ini": "[pytest]\naddopts = -n 2 --dist loadfile\n"}, {})}
    files, env = given.get(where, ({}, {"PYTEST_ADDOPTS": "-n 2 --dist=loadfile"}))
    python = {"python": plain_python} if xdist == "without" else {}
    ours = suite({**NEEDS_ITS_FILE, **files})
    assert ours.trun(env=env, **python).code == 0
    assert ours.trun("--dist", "load", "--lane", "standard", env=env, **python).code == 1


def test_groups_of_addopts_stay_on_one_worker(suite):
    text = "import os, pathlib, pytest\n\n@pytest.mark.xdist_group('one')\n@pytest.mark.parametrize('n', range(6))\n"
    text += "def test_n(n):\n    pathlib.Path(os.environ['PYTEST_XDIST_WORKER']).touch()\n"
    ours = suite(
        {f"test_{n}.py": text for n in range(3)} | {"pytest.ini": "[pytest]\naddopts = -n 2 --dist loadgroup\n"}
    )
    run = ours.trun()
    assert run.code == 0, run.said
    assert len(list(ours.root.glob("gw*"))) == 1


@pytest.mark.parametrize("xdist", ["with", "without"])
def test_the_rest_of_xdist_s_options_counts_in_addopts(suite, plain_python, xdist):
    text = "import os\n\ndef test_it(testrun_uid, request):\n    assert testrun_uid == 'mine'\n"
    text += "    assert request.config.workerinput['workercount'] == 2\n    assert request.config.option.dist == 'no'\n"
    addopts = "-d --tx 3*popen -n auto --maxprocesses 2 --max-worker-restart 0 --maxschedchunk 1 --testrunuid mine"
    ours = suite({"test_a.py": text, "pytest.ini": f"[pytest]\naddopts = {addopts} --no-loadscope-reorder\n"})
    python = {"python": plain_python} if xdist == "without" else {}
    run = ours.trun(env={"PYTEST_XDIST_AUTO_NUM_WORKERS": "5"}, **python)
    assert run.code == 0, run.said


def test_max_worker_restart_of_addopts_counts(suite):
    text = "import os, pytest\n\n@pytest.mark.parametrize('n', range(6))\ndef test_n(n):\n    os._exit(3)\n"
    run = suite({"test_a.py": text, "pytest.ini": "[pytest]\naddopts = -n 1 --max-worker-restart 1\n"}).trun()
    outcomes = [outcome for outcomes in run.verdicts().values() for outcome in outcomes]
    assert outcomes.count("premature_exit") == 2, run.said


@pytest.mark.parametrize("xdist", ["with", "without"])
@pytest.mark.parametrize("option", ["--px x", "--tx ssh=x", "--rsyncdir x", "--rsyncignore x", "-f", "--dist each"])
def test_what_addopts_cannot_have_is_refused_by_name(suite, plain_python, option, xdist):
    python = {"python": plain_python} if xdist == "without" else {}
    run = suite({**PASSING, "pytest.ini": f"[pytest]\naddopts = {option}\n"}).trun(**python)
    assert run.code == 4
    assert {"-f": "--looponfail"}.get(option, option.partition(" ")[0]) in run.err
    assert "addopts" in run.err


def test_the_environment_says_what_auto_means(suite):
    for n, count in (("auto", 3), ("logical", 3), ("2", 2)):
        run = suite({"test_a.py": PASSING["test_a.py"].replace("3", str(count))}).trun(
            "-n", n, env={"PYTEST_XDIST_AUTO_NUM_WORKERS": "3"}
        )
        assert run.code == 0, run.said


def test_mainargv_is_the_whole_command_line(suite):
    files = {"test_a.py": "def test_argv(request):\n    print(*request.config.workerinput['mainargv'])\n"}
    run = suite(files).trun("-n", "2", "-rP", "-k", "argv")
    assert run.code == 0, run.said
    assert any(line.endswith("-n 2 -rP -k argv") or " -n 2 -rP -k argv" in line for line in run.out.splitlines()), (
        run.out
    )


def test_no_worker_input_with_n_0(suite):
    files = {"test_a.py": "def test_plain(request):\n    assert not hasattr(request.config, 'workerinput')\n"}
    assert suite(files).trun("-n", "0").code == 0


def test_a_plugin_that_needs_the_controller_has_a_host(suite, python_with_controller_plugin):
    ours = suite({f"test_{n}.py": "def test_a():\n    pass\n\ndef test_b():\n    pass\n" for n in range(4)})
    run = ours.trun("-n", "2", "-v", "--json-report", python=python_with_controller_plugin)
    assert run.code == 0, run.said
    assert "plugin host: pytest-json-report" in run.said
    assert "trun: 2 workers" in run.said
    assert (ours.root / "report.json").read_text() == "8"


def test_the_same_plugin_unasked_costs_no_worker(suite, python_with_controller_plugin):
    ours = suite(WORKERS)
    run = ours.trun("-n", "2", "-v", python=python_with_controller_plugin)
    assert run.code == 0, run.said
    assert "plugin host" not in run.said


SEEDED = """
    def pytest_addoption(parser):
        parser.addoption("--randomly-seed", dest="randomly_seed", default="default")

    class XdistHooks:
        def pytest_configure_node(self, node):
            node.workerinput["{key}"] = node.config.option.randomly_seed

    def pytest_configure(config):
        if hasattr(config, "workerinput"):
            config.option.randomly_seed = config.workerinput["{key}"]
        else:
            config.pluginmanager.register(XdistHooks())
"""
SAY_THE_SEED = {
    f"test_{n}.py": "def test_seed(request):\n    open(f'seed-{__name__}', 'w').write(str(request.config.option.randomly_seed))\n"
    for n in range(4)
}


def test_a_plugin_that_feeds_workers_has_a_host(suite, python_with_plugin):
    python = python_with_plugin("pytest-feeder", SEEDED.format(key="fed"))
    ours = suite(SAY_THE_SEED)
    run = ours.trun("-n", "2", "-v", "--randomly-seed=fed", python=python)
    assert run.code == 0, run.said
    assert "plugin host: pytest-feeder 9.0 implements pytest_configure_node" in run.said
    assert {(ours.root / f"seed-test_{n}").read_text() for n in range(4)} == {"fed"}


@pytest.mark.parametrize("collect", ["each", "once", "sharded"])
def test_one_seed_of_pytest_randomly_reaches_all_workers(suite, python_with_plugin, collect):
    python = python_with_plugin("pytest-randomly", SEEDED.format(key="randomly_seed"))
    ours = suite(SAY_THE_SEED)
    run = ours.trun("-n", "2", "--collect", collect, python=python)
    assert run.code == 0, run.said
    assert "controller" not in run.said
    seeds = {(ours.root / f"seed-test_{n}").read_text() for n in range(4)}
    assert len(seeds) == 1 and seeds.pop().isdigit()
    assert ours.trun("-n", "2", "--randomly-seed=7", python=python).code == 0
    assert {(ours.root / f"seed-test_{n}").read_text() for n in range(4)} == {"7"}


def test_a_conftest_that_feeds_workers_has_a_host(suite):
    feeding = "def pytest_configure_node(node):\n    node.workerinput['fed'] = 1\n"
    run = suite(
        {
            **SAY_THE_SEED,
            "conftest.py": feeding + "def pytest_addoption(parser):\n"
            "    parser.addoption('--randomly-seed', dest='randomly_seed')\n",
        }
    ).trun("-n", "2", "-v")
    assert run.code == 0, run.said
    assert "plugin host: conftest.py implements pytest_configure_node" in run.said


def test_a_path_with_spaces(suite):
    ours = suite({"a folder/test_a b.py": "def test_one():\n    pass\n"}, name="a suite")
    run = ours.trun("-n", "2")
    assert run.code == 0
    assert run.verdicts() == {"a folder/test_a b.py::test_one": ["passed"]}


OWN_OPTIONS = {
    "tests/conftest.py": "def pytest_addoption(parser):\n"
    "    parser.addoption('--slow', action='store_true')\n    parser.addoption(\"--mode\", default='fast')\n",
    "tests/test_a.py": "def test_options(request):\n    print(request.config.option.slow, request.config.option.mode)\n",
}
"""A suite that has options called as trun's."""


@pytest.mark.parametrize(
    "args, code",
    [
        (["--slow"], 4),
        (["--mode", "thorough"], 4),
        (["--slow", "9", "tests"], 0),
        (["tests/test_a.py", "--mode=full"], 0),
    ],
)
def test_an_option_of_the_suites_own_that_is_called_as_one_of_truns(suite, args, code):
    flag = next(each.partition("=")[0] for each in args if each.startswith("--"))
    run = suite(OWN_OPTIONS).trun(*args)
    assert run.code == code, run.said
    assert (
        f"tests/conftest.py adds an option {flag} of its own, which pytest gets behind --: trun -- {flag}" in run.said
    )


def test_behind_the_dashes_it_is_the_suites(suite):
    run = suite(OWN_OPTIONS).trun("-n", "2", "-rP", "tests", "--", "--slow", "--mode", "thorough")
    assert run.code == 0, run.said
    assert "True thorough" in run.out
    assert "of its own" not in run.said
