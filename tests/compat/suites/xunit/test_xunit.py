LOG = []


def setup_module(module):
    LOG.append(f"setup_module {module.__name__}")


def teardown_module():
    print("teardown_module", LOG)


def setup_function(function):
    LOG.append(f"setup_function {function.__name__}")


def teardown_function():
    LOG.append("teardown_function")


def test_first():
    assert LOG == ["setup_module test_xunit", "setup_function test_first"]


class TestMethods:
    @classmethod
    def setup_class(cls):
        LOG.append("setup_class")

    @classmethod
    def teardown_class(cls):
        print("teardown_class")

    def setup_method(self, method):
        LOG.append(f"setup_method {method.__name__}")

    def teardown_method(self):
        LOG.append("teardown_method")

    def test_a(self):
        assert LOG[-2:] == ["setup_class", "setup_method test_a"]

    def test_b(self):
        assert LOG[-2:] == ["teardown_method", "setup_method test_b"]

    @staticmethod
    def test_static():
        assert LOG[-1] == "setup_method test_static"

    @classmethod
    def test_classmethod(cls):
        assert cls.__name__ == "TestMethods"


class TestInherited(TestMethods):
    def test_b(self):
        assert False, "overridden"


class TestSetupFails:
    def setup_method(self):
        raise RuntimeError("no set-up")

    def test_never(self):
        pass


class TestTeardownFails:
    def teardown_method(self):
        raise RuntimeError("no tear-down")

    def test_passes(self):
        pass

    def test_fails_too(self):
        assert 1 == 2


class TestClassSetupFails:
    @classmethod
    def setup_class(cls):
        raise ValueError("no class set-up")

    def test_never(self):
        pass

    def test_never_either(self):
        pass


class TestOuter:
    class TestInner:
        def test_nested(self):
            pass


class TestWithInit:
    def __init__(self):
        pass

    def test_not_collected(self):
        pass
