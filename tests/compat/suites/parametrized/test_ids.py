import enum

import pytest


class Colour(enum.Enum):
    red = 1


@pytest.mark.parametrize("word", ["with spaces and/slash", "a::b", "bracket]s", "ünïcödé", "новый", "", "a\nb", "tab\there"])
def test_words(word):
    assert "slash" not in word or "/" in word


@pytest.mark.parametrize("value", [1, 1.5, None, True, Colour.red, b"\x00\xff", object, test_words, [1], {"a": 1}])
def test_kinds(value):
    assert value is not None


@pytest.mark.parametrize("same", [1, 1, 1])
def test_duplicates(same):
    assert same == 1


@pytest.mark.parametrize("number, base", [(5, "hex"), (6, "oct")])
@pytest.mark.parametrize("sign", "+-")
def test_stacked(sign, number, base):
    assert (sign, number) != ("-", 6)


@pytest.mark.parametrize("nothing", [])
def test_empty_set(nothing):
    raise AssertionError("never runs")


@pytest.mark.parametrize("text", ["x"], ids=["λ-id"])
def test_unicode_id(text):
    pass


def test_generated(generated):
    assert generated != 1
