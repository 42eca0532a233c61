import listeners

pytest_runtest_call = listeners.of("call_wrapper_trylast", "pytest_runtest_call", "wrapper", trylast=True)
