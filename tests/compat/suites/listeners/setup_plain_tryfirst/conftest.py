import listeners

pytest_runtest_setup = listeners.of("setup_plain_tryfirst", "pytest_runtest_setup", "plain", tryfirst=True)
