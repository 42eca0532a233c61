import unittest

import pytest

LOG = []


def setUpModule():
    LOG.append("setUpModule")


def tearDownModule():
    print("tearDownModule")


class Plain(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        LOG.append("setUpClass")
        cls.addClassCleanup(print, "class cleanup")

    @classmethod
    def tearDownClass(cls):
        print("tearDownClass")

    def setUp(self):
        self.addCleanup(print, "cleanup of", self._testMethodName)

    def test_order(self):
        self.assertEqual(LOG, ["setUpModule", "setUpClass"])

    def test_fails(self):
        self.assertEqual({"a": 1}, {"a": 2})

    def test_assert_rewritten(self):
        value = [1, 2]
        assert value == [1]

    def test_error(self):
        raise KeyError("missing")

    @unittest.skip("by decorator")
    def test_skipped(self):
        pass

    @unittest.skipIf(True, "by condition")
    def test_skipped_if(self):
        pass

    def test_skipped_inside(self):
        self.skipTest("inside")

    @unittest.expectedFailure
    def test_expected_failure(self):
        self.assertTrue(False)

    @unittest.expectedFailure
    def test_unexpected_success(self):
        pass

    def test_raises_skiptest(self):
        raise unittest.SkipTest("raised")


class TeardownFails(unittest.TestCase):
    def tearDown(self):
        raise RuntimeError("tearDown")

    def test_passes(self):
        pass


class SetupFails(unittest.TestCase):
    def setUp(self):
        raise RuntimeError("setUp")

    def test_never(self):
        pass


class ClassSetupFails(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise RuntimeError("setUpClass")

    def test_one(self):
        pass

    def test_two(self):
        pass


class ClassSetupSkips(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise unittest.SkipTest("the whole class")

    def test_one(self):
        pass


@unittest.skip("a whole class by decorator")
class Skipped(unittest.TestCase):
    def test_one(self):
        pass


class Async(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.value = 1

    async def test_passes(self):
        self.assertEqual(self.value, 1)

    async def test_fails(self):
        self.assertEqual(self.value, 2)


class WithFixtures(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def give(self, tmp_path):
        self.path = tmp_path

    def test_path(self):
        assert self.path.is_dir()

    @pytest.mark.xfail(reason="marked")
    def test_marked(self):
        assert False


class Base(unittest.TestCase):
    __test__ = False

    def test_inherited(self):
        self.assertIsNot(type(self), Base)


class Derived(Base):
    __test__ = True
