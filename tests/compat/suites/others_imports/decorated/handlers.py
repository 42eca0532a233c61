HANDLERS = []


def handler(function):
    HANDLERS.append(function.__name__)
    return function
