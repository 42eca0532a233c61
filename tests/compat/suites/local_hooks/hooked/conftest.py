import pytest


def pytest_runtest_setup(item):
    print("conftest set-up of", item.name)
    if "forbidden" in item.name:
        pytest.skip("by the conftest's set-up hook")


def pytest_runtest_call(item):
    print("conftest call of", item.name)


def pytest_runtest_teardown(item, nextitem):
    print("conftest tear-down of", item.name)


def pytest_fixture_setup(fixturedef, request):
    if fixturedef.argname == "watched":
        print("conftest sets up", fixturedef.argname)


def pytest_fixture_post_finalizer(fixturedef, request):
    if fixturedef.argname == "watched":
        request.node.user_properties.append(("finalized", fixturedef.argname))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    report.user_properties.append(("phase", report.when))
    if "rewritten" in item.name and report.when == "call":
        report.outcome = "failed"
        report.longrepr = "the conftest says no"
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    if "replaced" in pyfuncitem.name:
        print("called by the conftest")
        return True
    return None
