import listeners

pytest_runtest_teardown = listeners.of("teardown_wrapper_trylast", "pytest_runtest_teardown", "wrapper", trylast=True)
