import listeners

pytest_runtest_makereport = listeners.of("makereport_plain", "pytest_runtest_makereport")
