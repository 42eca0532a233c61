import listeners

pytest_runtest_teardown = listeners.of("teardown_wrapper_tryfirst", "pytest_runtest_teardown", "wrapper", tryfirst=True)
