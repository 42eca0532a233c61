import listeners

pytest_runtest_logstart = listeners.of("logstart_hookwrapper_tryfirst", "pytest_runtest_logstart", "hookwrapper", tryfirst=True)
