__all__ = ["register", "seen"]
seen: list = []


def register(name):
    seen.append(name)
