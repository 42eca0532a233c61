"""The suite of most of these tests: one service, `api`, one test that needs it, and one that does without."""

SERVE = 'command = ["@python@", "@programs@/serve.py", "{port}", "--name", "{name}", "--note", "@note@"'
TWO = """
    import pytest

    @pytest.mark.trun(services=["api"])
    def test_needs_it():
        pass

    def test_does_without():
        pass
    """


def one(ready='"tcp"', options="", more=""):
    return f'[services.api]\n{SERVE}{options}]\nports = ["http"]\nready = {ready}\n{more}\n'
