from x import *


@hookimpl(specname="pytest_configure", **k)
def pytest_x():
    globals()["items"] = session.items
    exec(y)
