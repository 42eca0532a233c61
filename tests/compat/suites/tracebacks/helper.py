def hidden(value):
    __tracebackhide__ = True
    assert value, "hidden helper"


def shown(value):
    raise TypeError(f"helper got {value!r}")
