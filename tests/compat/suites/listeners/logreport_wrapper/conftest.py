import listeners

pytest_runtest_logreport = listeners.of("logreport_wrapper", "pytest_runtest_logreport", "wrapper")
