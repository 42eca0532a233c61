import pytest


def pytest_addoption(parser):
    parser.addoption("--reversed", action="store_true")
    parser.addoption("--first", type=int)


def pytest_collection_modifyitems(session, config, items):
    if config.getoption("reversed"):
        items.reverse()
    for item in items:
        if "slow" in item.name:
            item.add_marker(pytest.mark.skip(reason="marked in the hook"))
        if "known" in item.name:
            item.add_marker(pytest.mark.xfail(strict=True))
        item.user_properties.append(("position", items.index(item)))
    gone = [item for item in items if "unwanted" in item.name]
    first = config.getoption("first")
    if first:
        gone += [item for item in items if item not in gone][first:]
    if gone:
        config.hook.pytest_deselected(items=gone)
        items[:] = [item for item in items if item not in gone]


def pytest_itemcollected(item):
    if item.name == "test_renamed":
        item._nodeid = item.nodeid.replace("renamed", "given_another_id")
