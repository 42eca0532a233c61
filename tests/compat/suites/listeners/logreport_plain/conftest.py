import listeners

pytest_runtest_logreport = listeners.of("logreport_plain", "pytest_runtest_logreport")
