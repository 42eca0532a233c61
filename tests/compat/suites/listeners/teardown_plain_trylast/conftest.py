import listeners

pytest_runtest_teardown = listeners.of("teardown_plain_trylast", "pytest_runtest_teardown", "plain", trylast=True)
