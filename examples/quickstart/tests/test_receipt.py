"""pytest's own fixtures: tmp_path, capsys, monkeypatch, and a unittest class."""

import unittest

import pytest

from shop.money import Money


def print_receipt(lines):
    for article, money in lines:
        print(f"{article:<10}{money!s:>8}")


def test_receipt_lines(capsys):
    print_receipt([("apple", Money(30)), ("lamp", Money(3900))])
    assert capsys.readouterr().out == "apple         0.30\nlamp         39.00\n"


@pytest.mark.parametrize("name", ["a.txt", "ü.txt", "with space.txt"])
def test_receipt_file(tmp_path, name):
    path = tmp_path / name
    path.write_text(str(Money(1250)))
    assert Money.parse(path.read_text()) == Money(1250)


def test_parse_is_what_the_reader_calls(monkeypatch):
    monkeypatch.setattr(Money, "parse", lambda text: Money(1))
    assert Money.parse("anything") == Money(1)


class ReceiptTest(unittest.TestCase):
    def test_negative(self):
        self.assertEqual(str(Money(-5)), "-0.05")

    def test_totals(self):
        for cents in (1, 10, 100):
            with self.subTest(cents=cents):
                self.assertEqual(Money(cents) * 2, Money(2 * cents))
