import listeners

pytest_runtest_logfinish = listeners.of("logfinish_plain", "pytest_runtest_logfinish")
