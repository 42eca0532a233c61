import listeners

pytest_fixture_setup = listeners.of("fixture_setup_wrapper", "pytest_fixture_setup", "wrapper")
