"""Makes hook implementations of every style. What they hear goes to a file of the process: once a hook is called, once it is heard."""

import logging
import os
import sys

import pytest

ARGUMENTS = {
    "pytest_runtest_protocol": "item, nextitem",
    "pytest_runtest_logstart": "nodeid, location",
    "pytest_runtest_logfinish": "nodeid, location",
    "pytest_runtest_setup": "item",
    "pytest_runtest_call": "item",
    "pytest_runtest_teardown": "item, nextitem",
    "pytest_runtest_makereport": "item, call",
    "pytest_runtest_logreport": "report",
    "pytest_exception_interact": "node, call, report",
    "pytest_fixture_setup": "fixturedef, request",
    "pytest_fixture_post_finalizer": "fixturedef, request",
    "pytest_pyfunc_call": "pyfuncitem",
}
BODIES = {
    "plain": "    said({hook!r}, style, '', dict(locals()))\n",
    "wrapper": """    said({hook!r}, style, 'before ', dict(locals()))
    try:
        result = yield
    except BaseException as error:
        said({hook!r}, style, 'raised ' + type(error).__name__ + ' ', dict(locals()))
        raise
    said({hook!r}, style, 'after ' + described(result) + ' ', dict(locals()))
    return result
""",
    "hookwrapper": """    said({hook!r}, style, 'before ', dict(locals()))
    outcome = yield
    said({hook!r}, style, 'after ' + outcome_of(outcome) + ' ', dict(locals()))
""",
}
_file = None


def begin(config):
    """Only where tests run: a controller hears of them, too."""
    global _file
    if not config.pluginmanager.hasplugin("dsession"):
        _file = os.open(f"heard-{os.getpid()}.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.register_at_fork(after_in_child=lambda: begin(config))


def of(folder, hook, style="plain", **options):
    """An implementation of ``hook`` for the conftest of ``folder``."""
    name = f"{folder}:{style}{''.join(f' {option}' for option in options)}"
    source = f"def {hook}({ARGUMENTS[hook]}, style={name!r}):\n" + BODIES[style].format(hook=hook)
    names = {"said": said, "described": described, "outcome_of": outcome_of}
    exec(source, names)
    if style != "plain":
        options[style] = True
    return pytest.hookimpl(**options)(names[hook])


def said(hook, style, when, given):
    item = given.get("item") or given.get("pyfuncitem") or given.get("node")
    report, call = given.get("report"), given.get("call")
    words = [style, hook, when]
    if item is not None:
        words += [item.nodeid, f"funcargs={sorted(getattr(item, 'funcargs', None) or ())}", f"heard={vars(item).get('heard', 0)}"]
        item.heard = vars(item).get("heard", 0) + 1
    elif "request" in given:
        words += [given["request"].node.nodeid, given["fixturedef"].argname]
    else:
        words += [given["nodeid"] if report is None else report.nodeid]
    if call is not None:
        words += [call.when, type(getattr(call.excinfo, "value", None)).__name__, f"{0 <= call.duration < 60}"]
    if report is not None:
        words += [report.when, report.outcome, sorted(name for name, _ in report.sections), report.keywords.get("plain", "")]
    if hook not in ("pytest_runtest_protocol", "pytest_runtest_logstart"):  # it may still be that of the test before
        words += [(os.environ.get("PYTEST_CURRENT_TEST") or "no current test").rpartition(" ")[2]]
    if report is None and call is None and item is not None:
        words += [f"handlers={[type(handler).__name__ for handler in logging.getLogger().handlers]}"]
    if _file is not None:
        os.write(_file, ("heard " + " ".join(map(str, words)) + "\n").encode())
    print(f"<<{words[:4]}>>")
    print("an error line", file=sys.stderr)
    logging.getLogger("listeners").warning("heard %s", hook)


def described(result):
    return f"{result.when} {result.outcome}" if isinstance(result, pytest.TestReport) else type(result).__name__


def outcome_of(outcome):
    error = outcome.excinfo
    return described(outcome.get_result()) if error is None else f"raised {error[0].__name__}"
