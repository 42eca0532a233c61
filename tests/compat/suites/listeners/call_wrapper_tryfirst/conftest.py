import listeners

pytest_runtest_call = listeners.of("call_wrapper_tryfirst", "pytest_runtest_call", "wrapper", tryfirst=True)
