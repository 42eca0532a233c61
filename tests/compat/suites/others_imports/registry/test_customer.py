import time

from models import Model


class Customer(Model):
    refers = "Invoice"


def test_resolved_by_name():
    time.sleep(0.02)
    assert Customer.target().__name__ == "Invoice"


def test_other():
    time.sleep(0.02)
