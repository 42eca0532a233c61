import datetime

import pytest
from freezegun import freeze_time


@pytest.fixture
def new_year():
    with freeze_time("2024-01-01") as clock:
        yield clock


def test_frozen(new_year):
    assert datetime.date.today().year == 2024


def test_plain():
    pass


def test_bad(new_year):
    assert not "ever"


@pytest.mark.usefixtures("new_year")
def test_skipped():
    pass


def test_ticks(new_year):
    new_year.tick(60)
    assert datetime.datetime.now().minute == 1
