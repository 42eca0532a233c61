import asyncio
import datetime

import pytest
from freezegun import freeze_time


@pytest.fixture
def new_year():
    with freeze_time("2024-01-01") as clock:
        yield clock


@pytest.mark.asyncio
async def test_async(new_year):
    await asyncio.sleep(0)
    assert datetime.date.today().year == 2024


def test_frozen(new_year):
    assert datetime.date.today().year == 2024


def test_ticks(new_year):
    new_year.tick(60)
    assert datetime.datetime.now().minute == 1


@pytest.mark.xfail(reason="later")
def test_expected(new_year):
    assert not "now"


@pytest.mark.skipif(False, reason="never")
def test_condition(new_year):
    pass


def test_bad(new_year):
    assert not "ever"


def test_free():
    assert datetime.date.today().year > 2024
