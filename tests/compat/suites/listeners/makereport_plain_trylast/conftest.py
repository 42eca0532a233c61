import listeners

pytest_runtest_makereport = listeners.of("makereport_plain_trylast", "pytest_runtest_makereport", "plain", trylast=True)
