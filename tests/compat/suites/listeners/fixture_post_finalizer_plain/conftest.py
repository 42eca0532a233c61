import listeners

pytest_fixture_post_finalizer = listeners.of("fixture_post_finalizer_plain", "pytest_fixture_post_finalizer")
