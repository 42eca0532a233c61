import pytest


def pytest_collect_file(file_path, parent):
    if file_path.suffix == ".check":
        return CheckFile.from_parent(parent, path=file_path)
    return None


class CheckFile(pytest.File):
    def collect(self):
        for line in self.path.read_text(encoding="utf-8").splitlines():
            name, _, expression = line.partition(": ")
            yield CheckItem.from_parent(self, name=name, expression=expression)


class CheckFailed(Exception):
    pass


class CheckItem(pytest.Item):
    def __init__(self, *, expression, **kwargs):
        super().__init__(**kwargs)
        self.expression = expression

    def setup(self):
        if self.expression == "skip":
            pytest.skip("as the file says")

    def runtest(self):
        print("evaluating", self.expression)
        if not eval(self.expression):
            raise CheckFailed(self.expression)

    def repr_failure(self, excinfo):
        if isinstance(excinfo.value, CheckFailed):
            return f"check failed: {excinfo.value}\n   in {self.path.name}"
        return super().repr_failure(excinfo)

    def reportinfo(self):
        return self.path, 0, f"check: {self.name}"
