import listeners

pytest_pyfunc_call = listeners.of("pyfunc_call_plain", "pytest_pyfunc_call")
