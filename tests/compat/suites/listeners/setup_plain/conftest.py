import listeners

pytest_runtest_setup = listeners.of("setup_plain", "pytest_runtest_setup")
