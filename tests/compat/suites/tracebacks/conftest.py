def pytest_assertrepr_compare(config, op, left, right):
    if type(left).__name__ == "Money" and op == "==":
        return ["money differs", f"   {left.amount} != {right.amount}", f"verbosity {config.get_verbosity()}"]
    return None
