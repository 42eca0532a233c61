from pathlib import Path

import pytest

HERE = Path(__file__).parent


def times(name):
    with open(HERE / name, "a") as file:
        file.write("x")
    return len((HERE / name).read_text())


def test_second_time():
    assert times("second") == 2


def test_bad():
    assert not "ever"


@pytest.mark.flaky(reruns=3)
def test_fourth_time():
    assert times("fourth") == 4


def test_good():
    pass
