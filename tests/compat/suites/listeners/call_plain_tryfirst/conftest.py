import listeners

pytest_runtest_call = listeners.of("call_plain_tryfirst", "pytest_runtest_call", "plain", tryfirst=True)
