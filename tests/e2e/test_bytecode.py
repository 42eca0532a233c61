"""Rewritten bytecode below .trun: a fresh checkout is not rewritten again."""

import shutil

import pytest

FILES = {
    "conftest.py": "import pytest\n\n@pytest.fixture\ndef answer():\n    return 41\n",
    "test_a.py": "def test_fails(answer):\n    assert answer + 0 == 42\n",
    "area/test_b.py": "import pytest\n\n@pytest.mark.parametrize('n', range(3))\ndef test_passes(n):\n    assert n < 3\n",
    "area/test_c.py": "def test_warned():\n    assert '\\d' == '\\\\d'\n",
}


def kept(suite):
    return sorted(path.name for path in (suite.root / ".trun").rglob("*.pyc"))


def rewritten(root):
    return sorted(path.name.partition(".")[0] for path in root.rglob("*-pytest-*.pyc"))


@pytest.mark.parametrize(
    "options", [["-n", "0"], ["-n", "2", "--collect", "once"], ["-n", "2", "--start", "fresh"]], ids=" ".join
)
def test_a_fresh_checkout_is_not_rewritten(suite, options):
    ours = suite(FILES)
    first = ours.trun(*options)
    assert first.code == 1 and len(kept(ours)) == 3, first.said
    fresh = suite(FILES, "fresh")
    shutil.copytree(ours.root / ".trun", fresh.root / ".trun")
    again = fresh.trun(*options)
    assert again.verdicts() == first.verdicts()
    assert "assert (41 + 0) == 42" in again.out and "test_a.py:2: AssertionError" in again.out
    # What the compiler warns of is compiled, and warned of, each time.
    assert rewritten(fresh.root) == ["test_c"]
    assert "invalid escape sequence" in first.out and "invalid escape sequence" in again.out


@pytest.mark.parametrize(
    ("options", "env"),
    [(["-p", "no:cacheprovider"], {}), ([], {"PYTHONDONTWRITEBYTECODE": "1"})],
    ids=["no cache", "no bytecode"],
)
def test_nothing_is_kept_where_nothing_is_to_be(suite, options, env):
    ours = suite(FILES)
    assert ours.trun("-n", "2", *options, env=env).code == 1
    assert not (ours.root / ".trun").exists()


def test_runs_beside_each_other_keep_whole_files(suite):
    ours = suite({f"test_{n}.py": f"def test_it():\n    assert {n} == {n}\n" for n in range(30)})
    runs = [ours.start("-n", "2") for _ in range(4)]
    assert [ours.finish(run).code for run in runs] == [0] * 4
    assert len(kept(ours)) == 30 and all(name.count(".") == 1 for name in kept(ours))
