"""Long texts of reports lose their middle, and say so."""

import re

import pytest

from trun_worker.reports.cutting import MOST, Cutter, cut

NOTE = re.compile(r"\[trun: ([\d,]+) of ([\d,]+) bytes are left out here \(--section-limit\)\]\n")


def left_out(text):
    return [int(number.replace(",", "")) for number in NOTE.search(text).groups()]


@pytest.mark.parametrize("text", ["", "x" * 1000, "é" * 500, "\udcff" * 333])
def test_what_is_not_longer_than_the_limit_stays(text):
    assert cut(text, 1000) is text


@pytest.mark.parametrize("letter", ["x", "é", "€", "😀", "\udcff"])
def test_head_and_tail_stay_and_the_note_says_how_much_is_gone(letter):
    text = "head" + letter * 10_000 + "tail"
    found = cut(text, 1000)
    assert found.startswith("head" + letter) and found.endswith(letter + "tail")
    gone, size = left_out(found)
    kept = NOTE.sub("", found).replace("\n", "")
    assert size == len(text.encode("utf-8", "surrogatepass"))
    assert gone == size - len(kept.encode("utf-8", "surrogatepass"))
    assert len(kept.encode("utf-8", "surrogatepass")) <= 1000


def test_lines_stay_whole():
    lines = [f"line {number}\n" for number in range(10_000)]
    found = cut("".join(lines), 2000)
    kept = [line for line in found.splitlines(keepends=True) if not NOTE.match(line)]
    assert set(kept) <= set(lines)
    assert kept[0] == lines[0] and kept[-1] == lines[-1]
    assert found.count("[trun:") == 1


def test_every_text_of_a_report_is_cut_and_nothing_else_changes():
    report = {"when": "call", "line": 3, "sections": [["out", "x" * 5000]], "crash": ("a.py", 1, "y" * 5000)}
    found = Cutter(1000).cut(report)
    assert found["when"] == "call" and found["line"] == 3 and found["crash"][:2] == ("a.py", 1)
    assert left_out(found["sections"][0][1])[1] == left_out(found["crash"][2])[1] == 5000


@pytest.mark.parametrize("limit", [1 << 20, 0])
def test_all_that_a_test_says_fits_into_a_frame(limit):
    text = "x" * 1_000_000
    found = Cutter(limit).cut([text] * 200)
    assert sum(map(len, found)) <= MOST
    assert all(left_out(each)[1] for each in found)


def test_without_a_limit_a_long_text_stays_if_it_fits():
    text = "x" * 20_000_000
    assert Cutter(0).cut([text]) == [text]
