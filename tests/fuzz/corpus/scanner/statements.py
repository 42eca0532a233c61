@pytest.mark.parametrize("a, b", [(1, 2), pytest.param(3, 4, id="x"),])
@pytest.fixture(scope="module", params=[x for x in range(3)])
class TestA(unittest.TestCase, metaclass=M):
	__test__ = False
    async def test_a(self): \
  pass
