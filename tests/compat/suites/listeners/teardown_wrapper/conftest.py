import listeners

pytest_runtest_teardown = listeners.of("teardown_wrapper", "pytest_runtest_teardown", "wrapper")
