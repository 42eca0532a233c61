from pathlib import Path

HERE = Path(__file__).parent


def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        (HERE / "assets.txt").write_text("built\n")


def pytest_unconfigure(config):
    if not hasattr(config, "workerinput"):
        with open(HERE / "ended.txt", "a") as file:
            file.write("taken down\n")
