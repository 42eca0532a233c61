import listeners

pytest_runtest_call = listeners.of("call_hookwrapper_trylast", "pytest_runtest_call", "hookwrapper", trylast=True)
