import listeners

pytest_runtest_teardown = listeners.of("teardown_plain", "pytest_runtest_teardown")
