import listeners

pytest_runtest_call = listeners.of("call_plain_trylast", "pytest_runtest_call", "plain", trylast=True)
