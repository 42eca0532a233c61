print("said at import")


def helper():
    raise RuntimeError("while importing")


helper()
