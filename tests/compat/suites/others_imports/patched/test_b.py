import settings


def test_limit():
    assert settings.LIMIT == 10
