"""Removes the temporary folder of its worker from under pytest."""

import shutil

GUILTY = {"expect": {"test_guilty": "passed"}}


def test_guilty(tmp_path_factory):
    shutil.rmtree(tmp_path_factory.getbasetemp())


def test_next(tmp_path_factory):
    tmp_path_factory.getbasetemp()
