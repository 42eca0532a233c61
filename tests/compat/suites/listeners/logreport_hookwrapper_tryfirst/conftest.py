import listeners

pytest_runtest_logreport = listeners.of("logreport_hookwrapper_tryfirst", "pytest_runtest_logreport", "hookwrapper", tryfirst=True)
