from pathlib import Path


def test_first():
    assert Path(__file__).with_name("database.txt").exists()


def test_second():
    assert Path(__file__).with_name("database.txt").exists()
