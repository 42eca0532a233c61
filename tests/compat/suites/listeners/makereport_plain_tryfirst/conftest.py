import listeners

pytest_runtest_makereport = listeners.of("makereport_plain_tryfirst", "pytest_runtest_makereport", "plain", tryfirst=True)
