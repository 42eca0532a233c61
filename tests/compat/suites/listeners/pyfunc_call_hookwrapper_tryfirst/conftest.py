import listeners

pytest_pyfunc_call = listeners.of("pyfunc_call_hookwrapper_tryfirst", "pytest_pyfunc_call", "hookwrapper", tryfirst=True)
