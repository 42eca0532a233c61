import listeners

pytest_runtest_setup = listeners.of("setup_hookwrapper_trylast", "pytest_runtest_setup", "hookwrapper", trylast=True)
