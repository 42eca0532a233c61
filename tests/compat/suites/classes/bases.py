class TestBase:
    expected = 1

    def test_inherited(self):
        assert self.expected == 1

    def test_overridden(self):
        raise AssertionError("of the base")


class TestFamily:
    class TestChild:
        def test_child(self):
            assert self.__class__.__name__ == "TestNobody"

    def test_parent(self):
        pass


def test_borrowed():
    pass
