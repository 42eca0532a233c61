import listeners

pytest_runtest_makereport = listeners.of("makereport_wrapper", "pytest_runtest_makereport", "wrapper")
