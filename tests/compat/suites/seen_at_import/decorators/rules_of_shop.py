rules: list = []


def rule(function):
    rules.append(function.__name__)
    return function
