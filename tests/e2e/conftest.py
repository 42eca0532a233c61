"""The suites of these tests, and interpreters that lack something."""

import subprocess
import sys
import sysconfig
import textwrap
from pathlib import Path

import pytest
from suites import be_a_users_shell, suite  # noqa: F401


def pytest_configure(config):
    be_a_users_shell()


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
def python_with_plugin(tmp_path_factory):
    """Makes such an interpreter with one plugin more, installed as distribution `name`."""

    def make(name, text):
        folder = tmp_path_factory.mktemp(name)
        target = make_venv(folder)
        link_packages(target)
        module = name.replace("-", "_")
        metadata = target / f"{module}-9.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 9.0\n")
        (metadata / "entry_points.txt").write_text(f"[pytest11]\n{module} = {module}_plugin\n")
        (target / f"{module}_plugin.py").write_text(textwrap.dedent(text))
        return str(folder / "bin" / "python")

    return make


@pytest.fixture(scope="session")
def python_with_controller_plugin(python_with_plugin):
    """One that calls itself pytest-json-report: it needs the controller when asked for a report."""
    return python_with_plugin(
        "pytest-json-report",
        """
        def pytest_addoption(parser):
            parser.addoption('--json-report', action='store_true', dest='json_report')

        class Report:
            count = 0

            def pytest_runtest_logreport(self, report):
                self.count += report.when == 'call'

            def pytest_sessionfinish(self, session):
                (session.config.rootpath / 'report.json').write_text(str(self.count))

        def pytest_configure(config):
            if config.option.json_report and not hasattr(config, 'workerinput'):
                config.pluginmanager.register(Report())
        """,
    )


def link_packages(target):
    source = Path(sysconfig.get_path("purelib"))
    wanted = ("pytest", "_pytest", "pluggy", "iniconfig", "packaging", "pygments", "exceptiongroup", "tomli")
    for path in source.iterdir():
        name = path.name.lower().partition("-")[0]
        if name in (*wanted, "typing_extensions", "typing_extensions.py", "py.py"):
            (target / path.name).symlink_to(path)
