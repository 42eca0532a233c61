import listeners

pytest_runtest_makereport = listeners.of("makereport_wrapper_tryfirst", "pytest_runtest_makereport", "wrapper", tryfirst=True)
