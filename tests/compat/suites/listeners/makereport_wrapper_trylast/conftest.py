import listeners

pytest_runtest_makereport = listeners.of("makereport_wrapper_trylast", "pytest_runtest_makereport", "wrapper", trylast=True)
