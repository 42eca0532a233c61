import listeners

pytest_runtest_logfinish = listeners.of("logfinish_hookwrapper_tryfirst", "pytest_runtest_logfinish", "hookwrapper", tryfirst=True)
