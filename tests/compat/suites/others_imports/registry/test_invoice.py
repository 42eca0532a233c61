import time

from models import Model


class Invoice(Model):
    refers = "Customer"


def test_resolved_by_name():
    time.sleep(0.02)
    assert Invoice.target().__name__ == "Customer"


def test_other():
    time.sleep(0.02)
