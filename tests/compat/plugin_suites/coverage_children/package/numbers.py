def sign(number):
    if number > 0:
        return "positive"
    if number < 0:
        return "negative"
    return "zero"


def count(limit):
    for number in range(limit):
        if number == 3:
            break
    else:
        return "all"
    return "stopped"


def never():
    return 1
