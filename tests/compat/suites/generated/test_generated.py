import pytest


def pytest_generate_tests(metafunc):
    if "module_param" in metafunc.fixturenames:
        metafunc.parametrize("module_param", [{"a": 1}, None], ids=["dict", "none"])
    if metafunc.function.__name__ == "test_by_name":
        metafunc.parametrize("anything", [1, 2])


def test_module_param(module_param):
    assert module_param


def test_by_name(anything):
    assert anything == 1


@pytest.mark.parametrize("text", ["plain", "other"])
def test_ids_of_the_hook(text, engine):
    assert text == "plain"


class TestScenarios:
    scenarios = [("small", {"size": 1}), ("large", {"size": 9})]

    def pytest_generate_tests(self, metafunc):
        if "size" in metafunc.fixturenames:
            names = [name for name, _ in self.scenarios]
            metafunc.parametrize("size", [values["size"] for _, values in self.scenarios], ids=names, scope="class")

    def test_size(self, size):
        assert size == 1

    def test_size_again(self, size):
        pass


def test_from_plugin(from_plugin):
    assert from_plugin == 1
