def pytest_sessionfinish(session, exitstatus):
    """As in many suites. It makes workers collect each."""
