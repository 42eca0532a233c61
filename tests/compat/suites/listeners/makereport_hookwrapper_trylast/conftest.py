import listeners

pytest_runtest_makereport = listeners.of("makereport_hookwrapper_trylast", "pytest_runtest_makereport", "hookwrapper", trylast=True)
