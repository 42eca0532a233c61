import listeners

pytest_runtest_call = listeners.of("call_wrapper", "pytest_runtest_call", "wrapper")
