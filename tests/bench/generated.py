"""The generated suites of the benchmark, and how many tests each has. A suite is written once and kept; its folder's name
carries a digest of its files, so a changed generator never meets an old suite."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

Files = Iterator[tuple[str, str]]
"""(path below the suite's root, text) of each file."""


@dataclass(frozen=True)
class Suite:
    name: str
    about: str
    tests: int
    files: Callable[[], Files]
    skipped: int = 0
    """As JUnit counts: expected failures, too."""

    @property
    def verdicts(self) -> dict[str, int]:
        found = {"passed": self.tests - self.skipped, "skipped": self.skipped}
        return {verdict: number for verdict, number in found.items() if number}

    def write(self, folder: Path) -> Path:
        """Returns the suite's root below `folder`, made if it is not there."""
        files = [*self.files()]
        if "pytest.ini" not in dict(files):
            files.append(("pytest.ini", "[pytest]\n"))
        digest = hashlib.sha256(repr(files).encode()).hexdigest()[:12]
        root = folder / f"{self.name}-{digest}"
        if not root.is_dir():
            shutil.rmtree(unfinished := root.with_suffix(".unfinished"), ignore_errors=True)
            for path, text in files:
                target = unfinished / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text)
            unfinished.rename(root)
        return root


def _module(tests: int) -> str:
    """A third plain functions, a third with a fixture, a third parametrised: the everyday mixture."""
    kinds = (
        "def test_value_{0}():\n    value = {0}\n    assert value * 2 == {0} + {0}\n",
        "def test_answer_{0}(answer):\n    assert answer - 42 == 0\n",
        '@pytest.mark.parametrize("case", [{0}])\ndef test_case_{0}(case):\n    assert case == {0}\n',
    )
    head = "import os\n\nimport pytest\n\n\n@pytest.fixture\ndef answer():\n    return 42\n"
    return "\n\n".join([head, *(kinds[number % 3].format(number) for number in range(tests))])


def _small() -> Files:
    for number in range(500):
        # No two are alike: bytecode may be known by content.
        yield f"area{number % 20:02}/test_unit{number:03}.py", f'"""Unit {number}."""\n\n' + _module(20)


def _listened() -> Files:
    """The same under a conftest with a set-up hook and pytest's own recipe that keeps each report on its item."""
    yield (
        "conftest.py",
        "import pytest\n\n\n@pytest.hookimpl(wrapper=True, tryfirst=True)\ndef pytest_runtest_makereport(item, call):\n"
        "    report = yield\n    setattr(item, 'report_' + report.when, report)\n    return report\n\n\n"
        "def pytest_runtest_setup(item):\n    for mark in item.iter_markers(name='only'):\n        pytest.skip(str(mark))\n",
    )
    yield from _small()


def _unittest() -> Files:
    head = "import unittest\n\n\nclass TestUnit(unittest.TestCase):\n    def setUp(self):\n        self.answer = 42\n"
    test = "\n    def test_value_{0}(self):\n        self.assertEqual(self.answer + {0}, {0} + 42)\n"
    for number in range(500):
        text = head + "".join(test.format(n) for n in range(20))
        yield f"area{number % 20:02}/test_unit{number:03}.py", text


def _marked() -> Files:
    """Every third test has a marker: one that skips, one that does not, an expected failure."""
    marks = (
        '@pytest.mark.skip(reason="not now")\n{0}',
        '@pytest.mark.skipif("1 + 1 == 3", reason="never")\n{0}',
        '@pytest.mark.xfail(reason="known")\n{0}    assert value == 0\n',
    )
    test = "def test_value_{0}():\n    value = {0} + 1\n    assert value * 2 == {0} + {0} + 2\n"
    for number in range(500):
        tests = [test.format(n) for n in range(20)]
        for n in range(0, 18, 3):
            tests[n] = marks[n // 3 % 3].format(tests[n])
        yield f"area{number % 20:02}/test_unit{number:03}.py", "import pytest\n\n\n" + "\n\n".join(tests)


def _async() -> Files:
    yield "pytest.ini", "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n"
    test = "async def test_value_{0}():\n    await asyncio.sleep(0)\n    assert {0} * 2 == {0} + {0}\n"
    for number in range(100):
        text = "import asyncio\n\n\n" + "\n\n".join(test.format(n) for n in range(20))
        yield f"area{number % 20:02}/test_unit{number:03}.py", text


def _django() -> Files:
    """A small project of Django's; its tests call views and forms, and no database."""
    yield "pytest.ini", "[pytest]\nDJANGO_SETTINGS_MODULE = site_settings\npythonpath = .\n"
    yield (
        "site_settings.py",
        'SECRET_KEY = "bench"\nALLOWED_HOSTS = ["testserver"]\nROOT_URLCONF = "site_urls"\nUSE_TZ = True\n'
        'INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth"]\n'
        'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}\n',
    )
    yield (
        "site_urls.py",
        "from django.http import JsonResponse\nfrom django.urls import path\n\n"
        "urlpatterns = [path('double/<int:value>/', lambda request, value: JsonResponse({'is': 2 * value}))]\n",
    )
    head = "from django import forms\n\n\nclass Form(forms.Form):\n    value = forms.IntegerField(min_value=0)\n"
    kinds = (
        "def test_form_{0}():\n    assert Form({{'value': '{0}'}}).is_valid()\n",
        "def test_view_{0}(client):\n    assert client.get('/double/{0}/').json() == {{'is': 2 * {0}}}\n",
        "def test_setting_{0}(settings):\n    settings.SITE_ID = {0}\n    assert settings.SITE_ID == {0}\n",
        "def test_value_{0}():\n    assert Form({{'value': 'x'}}).errors['value']\n",
    )
    for number in range(100):
        text = "\n\n".join([head, *(kinds[n % 4].format(n) for n in range(20))])
        yield f"area{number % 10:02}/test_unit{number:03}.py", text


def _one() -> Files:
    yield "test_one.py", "def test_one():\n    assert 1 + 1 == 2\n"


def _cases() -> Files:
    text = 'import pytest\n\n\n@pytest.mark.parametrize("n", range(5000))\ndef test_even(n):\n    assert (2 * n) % 2 == 0\n'
    yield "test_cases.py", text


def _waiting() -> Files:
    text = "import time\n\n" + "".join(_wait(n) for n in range(10))
    for number in range(20):
        yield f"test_wait{number:02}.py", text


def _long() -> Files:
    """One file that has as much to wait for as ten others together."""
    for number in range(10):
        yield f"test_short{number:02}.py", "import time\n\n" + "".join(_wait(n) for n in range(4))
    yield "test_long.py", "import time\n\n" + "".join(_wait(n) for n in range(60))


def _wait(number: int) -> str:
    return f"\ndef test_wait_{number}():\n    time.sleep(0.05)\n\n"


def _tail() -> Files:
    """Slow files that come last by name: a runner that goes by name starts the longest work at the end."""
    for number in range(60):
        yield f"test_fast{number:02}.py", _module(20)
    for number in range(4):
        waits = "".join(f"\ndef test_slow_{n}():\n    time.sleep(0.25)\n\n" for n in range(2 + 2 * number))
        yield f"test_zslow{number}.py", "import time\n\n" + waits


def _imports() -> Files:
    """An application that is heavy to import: much of the standard library, and some 50 MB of objects of its own."""
    modules = (
        "argparse ast asyncio base64 calendar concurrent.futures configparser csv ctypes decimal difflib dis "
        "email.message email.mime.multipart fractions ftplib gzip http.client http.server imaplib "
        "importlib.metadata inspect ipaddress json logging.config lzma mailbox multiprocessing.pool pdb "
        "pickletools plistlib pprint pydoc random sched shelve smtplib socketserver sqlite3 ssl statistics "
        "subprocess tarfile tempfile timeit tracemalloc unittest.mock urllib.request uuid wave webbrowser "
        "wsgiref.simple_server xml.dom.minidom xml.sax xmlrpc.client zipfile zoneinfo "
    ).split()
    lines = "".join(f'    "{module}",\n' for module in modules)
    yield (
        "application.py",
        "import importlib\n\nMODULES = (\n" + lines + ")\nfor name in MODULES:\n    importlib.import_module(name)\n\n"
        'TABLE = {number: (number, f"row {number}", [number]) for number in range(200_000)}\n',
    )
    yield (
        "conftest.py",
        "import application\nimport pytest\n\n\n@pytest.fixture\ndef table():\n    return application.TABLE\n",
    )
    test = "\n\ndef test_row_{0}(table):\n    assert table[{0}][0] == {0}\n"
    for number in range(20):
        yield f"test_rows{number:02}.py", "import application\n" + "".join(test.format(n) for n in range(20))


SUITES = (
    Suite("small", "10,000 small tests in 500 files", 10_000, _small),
    Suite("one", "one test", 1, _one),
    Suite(
        "listened", "the small tests under a conftest with a makereport wrapper and a set-up hook", 10_000, _listened
    ),
    Suite("unittest", "10,000 methods of unittest.TestCase in 500 files", 10_000, _unittest),
    Suite(
        "marked", "10,000 tests in 500 files, every third with a marker: skip, skipif, xfail", 10_000, _marked, 2_000
    ),
    Suite("async", "2,000 coroutines in 100 files, pytest-asyncio's auto mode", 2_000, _async),
    Suite("django", "2,000 tests of a small Django project in 100 files, no database", 2_000, _django),
    Suite("cases", "one file of 5,000 parametrised cases", 5_000, _cases),
    Suite("waiting", "200 tests in 20 files that wait 50 ms each", 200, _waiting),
    Suite("long", "100 tests that wait 50 ms each, 60 of them in one of 11 files", 100, _long),
    Suite("tail", "1,200 fast tests, then four slow files", 1_220, _tail),
    Suite("imports", "400 tests of an application that is heavy to import", 400, _imports),
)
