import listeners

pytest_runtest_logfinish = listeners.of("logfinish_wrapper", "pytest_runtest_logfinish", "wrapper")
