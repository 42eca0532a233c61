import os


def pytest_sessionfinish(session):
    os.abort()
