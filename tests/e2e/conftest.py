"""The suites of these tests, and interpreters that lack something."""

import signal
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import harness


def pytest_configure(config):
    # A shell's background job ignores it, and so would all that is started here.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if not harness.TRUN.exists():
        raise pytest.UsageError(f"{harness.TRUN} does not exist: run ./dev build, or name it by TRUN")


@pytest.fixture
def suite(tmp_path):
    """Makes suites out of {file name: text}; all that they started is gone at the end, whatever happened."""
    made = []

    def make(files, name="suite"):
        made.append(harness.Suite(tmp_path / name, files))
        return made[-1]

    yield make
    for each in made:
        each.kill_all()


def make_venv(folder):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    return next(Path(folder).glob("lib/python*/site-packages"))


@pytest.fixture(scope="session")
def python_without_pytest(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bare")
    make_venv(folder)
    return str(folder / "bin" / "python")


@pytest.fixture(scope="session")
def plain_python(tmp_path_factory):
    """An interpreter with pytest and no plugin: links to pytest's own packages and no other."""
    folder = tmp_path_factory.mktemp("plain")
    target = make_venv(folder)
    link_packages(target)
    return str(folder / "bin" / "python")


@pytest.fixture(scope="session")
def python_with_controller_plugin(tmp_path_factory):
    """The same with a plugin that calls itself pytest-json-report: one that needs the controller when asked for a report."""
    folder = tmp_path_factory.mktemp("controller")
    target = make_venv(folder)
    link_packages(target)
    metadata = target / "pytest_json_report-9.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: pytest-json-report\nVersion: 9.0\n")
    (metadata / "entry_points.txt").write_text("[pytest11]\njson_report = json_report_plugin\n")
    (target / "json_report_plugin.py").write_text(
        "def pytest_addoption(parser):\n"
        "    parser.addoption('--json-report', action='store_true', dest='json_report')\n"
        "class Report:\n"
        "    count = 0\n"
        "    def pytest_runtest_logreport(self, report):\n"
        "        self.count += report.when == 'call'\n"
        "    def pytest_sessionfinish(self, session):\n"
        "        (session.config.rootpath / 'report.json').write_text(str(self.count))\n"
        "def pytest_configure(config):\n"
        "    if config.option.json_report and not hasattr(config, 'workerinput'):\n"
        "        config.pluginmanager.register(Report())\n"
    )
    return str(folder / "bin" / "python")


def link_packages(target):
    source = Path(sysconfig.get_path("purelib"))
    wanted = ("pytest", "_pytest", "pluggy", "iniconfig", "packaging", "pygments", "exceptiongroup", "tomli")
    for path in source.iterdir():
        name = path.name.lower().partition("-")[0]
        if name in (*wanted, "typing_extensions", "typing_extensions.py", "py.py"):
            (target / path.name).symlink_to(path)
