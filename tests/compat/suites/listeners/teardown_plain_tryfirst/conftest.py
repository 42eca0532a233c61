import listeners

pytest_runtest_teardown = listeners.of("teardown_plain_tryfirst", "pytest_runtest_teardown", "plain", tryfirst=True)
