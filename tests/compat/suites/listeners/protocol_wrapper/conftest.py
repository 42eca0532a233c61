import listeners

pytest_runtest_protocol = listeners.of("protocol_wrapper", "pytest_runtest_protocol", "wrapper")
