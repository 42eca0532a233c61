import listeners

pytest_runtest_setup = listeners.of("setup_hookwrapper", "pytest_runtest_setup", "hookwrapper")
