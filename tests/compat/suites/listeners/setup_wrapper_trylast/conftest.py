import listeners

pytest_runtest_setup = listeners.of("setup_wrapper_trylast", "pytest_runtest_setup", "wrapper", trylast=True)
