import listeners

pytest_pyfunc_call = listeners.of("pyfunc_call_wrapper", "pytest_pyfunc_call", "wrapper")
