import time


def test_other():
    time.sleep(0.05)


def test_another():
    time.sleep(0.05)
