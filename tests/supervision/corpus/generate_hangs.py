"""pytest_generate_tests() of the module does not come back."""

import time

GUILTY = {
    "collects": False,
    "said": ["ERROR collecting test_generate_hangs.py"],
    "options": ["--collect-timeout", "5", "--continue-on-collection-errors"],
}


def pytest_generate_tests(metafunc):
    time.sleep(100)


def test_guilty():
    pass
