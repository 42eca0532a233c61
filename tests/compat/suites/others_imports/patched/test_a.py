import settings

settings.LIMIT = 10


def test_limit():
    assert settings.LIMIT == 10
