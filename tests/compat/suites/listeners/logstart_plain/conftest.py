import listeners

pytest_runtest_logstart = listeners.of("logstart_plain", "pytest_runtest_logstart")
