import listeners

pytest_runtest_setup = listeners.of("setup_wrapper", "pytest_runtest_setup", "wrapper")
