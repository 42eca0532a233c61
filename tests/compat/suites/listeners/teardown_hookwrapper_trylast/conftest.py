import listeners

pytest_runtest_teardown = listeners.of("teardown_hookwrapper_trylast", "pytest_runtest_teardown", "hookwrapper", trylast=True)
