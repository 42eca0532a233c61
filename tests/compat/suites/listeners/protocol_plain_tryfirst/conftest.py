import listeners

pytest_runtest_protocol = listeners.of("protocol_plain_tryfirst", "pytest_runtest_protocol", "plain", tryfirst=True)
