def pytest_sessionfinish(session):
    raise RuntimeError("in session finish")
