import listeners

pytest_runtest_setup = listeners.of("setup_wrapper_tryfirst", "pytest_runtest_setup", "wrapper", tryfirst=True)
