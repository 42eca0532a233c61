import listeners

pytest_exception_interact = listeners.of("exception_interact_plain", "pytest_exception_interact")
