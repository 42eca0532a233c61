from everything import *  # noqa: F403

register("a")  # noqa: F405


def test_a():
    assert seen == ["a", "b"]  # noqa: F405
