import listeners

pytest_runtest_call = listeners.of("call_hookwrapper", "pytest_runtest_call", "hookwrapper")
