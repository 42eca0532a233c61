"""Classes that name each other by strings, as the models of an ORM do."""

known: dict = {}


class Table:
    refers_to = ""

    def __init_subclass__(cls) -> None:
        known[cls.__name__] = cls

    @classmethod
    def other(cls) -> type:
        return known[cls.refers_to]
