import listeners

pytest_runtest_call = listeners.of("call_plain", "pytest_runtest_call")
