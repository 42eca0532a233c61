import listeners

pytest_runtest_setup = listeners.of("setup_plain_trylast", "pytest_runtest_setup", "plain", trylast=True)
