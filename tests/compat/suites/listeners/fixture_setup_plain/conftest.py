import listeners

pytest_fixture_setup = listeners.of("fixture_setup_plain", "pytest_fixture_setup")
