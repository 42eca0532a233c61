import listeners

pytest_runtest_logstart = listeners.of("logstart_wrapper", "pytest_runtest_logstart", "wrapper")
