import listeners

pytest_runtest_makereport = listeners.of("makereport_hookwrapper", "pytest_runtest_makereport", "hookwrapper")
