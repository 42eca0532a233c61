def pytest_report_teststatus(report, config):
    if report.when == "call" and report.nodeid.endswith("test_odd"):
        return "odd", "o", "ODD"
    if report.when == "call" and report.failed:
        return "failed", "F", ("NOPE", {"red": True})
    return None


def pytest_exception_interact(node, call, report):
    report.sections.append(("from the conftest", f"{type(call.excinfo.value).__name__} in {node.name}"))


def pytest_assertion_pass(item, lineno, orig, expl):
    print("passed assertion", lineno, orig)
