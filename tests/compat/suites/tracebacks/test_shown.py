import helper


def test_chain_from():
    try:
        {}["key"]
    except KeyError as error:
        raise ValueError("from") from error


def test_chain_context():
    try:
        {}["key"]
    except KeyError:
        raise ValueError("during")


def test_chain_suppressed():
    try:
        {}["key"]
    except KeyError:
        raise ValueError("alone") from None


def test_hidden():
    helper.hidden(0)


def test_shown():
    helper.shown("x" * 300)


def test_recursion_counting():
    def again(n):
        if n == 0:
            raise RecursionError("counted")
        return again(n - 1)

    again(40)


def test_recursion_same_locals():
    def again():
        return again()

    again()


def test_group():
    raise ExceptionGroup("several", [ValueError("one"), ExceptionGroup("inner", [KeyError("two")])])


def test_notes():
    error = ValueError("with notes")
    error.add_note("first note")
    error.add_note("second note")
    raise error


def test_long_list():
    assert list(range(100)) == list(range(50)) + list(range(51, 101))


def test_long_text():
    assert "\n".join(map(str, range(60))) == "\n".join(str(n) for n in range(60) if n != 30)


def test_dicts():
    assert {"a": 1, "b": [1, 2], "c": 3} == {"a": 1, "b": [1, 3], "d": 4}


def test_sets():
    assert {1, 2, 3} == {3, 4}


def test_in():
    assert "needle" not in "hay needle hay"


def test_call_values():
    def f(x):
        return x + 1

    assert f(f(1)) == f(3) or not f(0)


def test_message():
    assert 1 == 2, {"message": "object"}


class Money:
    def __init__(self, amount):
        self.amount = amount

    def __repr__(self):
        return f"Money({self.amount})"


def test_custom_explanation():
    assert Money(1) == Money(2)


def test_address():
    thing = object()
    assert thing is None


def test_multiline_statement():
    assert sum(
        [
            1,
            2,
        ]
    ) == 4


def test_unicode():
    assert "naïve ☃ 漢字" == "naive ☃ 漢字"


def test_bytes():
    assert b"abc\x00" == b"abd\x00"


def test_lambda():
    (lambda: 1 / 0)()


def test_syntax_error_in_eval():
    eval("1 +")
