import listeners

pytest_fixture_setup = listeners.of("fixture_setup_hookwrapper_tryfirst", "pytest_fixture_setup", "hookwrapper", tryfirst=True)
