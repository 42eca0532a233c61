import listeners

pytest_runtest_teardown = listeners.of("teardown_hookwrapper", "pytest_runtest_teardown", "hookwrapper")
