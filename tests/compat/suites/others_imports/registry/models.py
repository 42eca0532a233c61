KNOWN = {}


class Model:
    refers = None

    def __init_subclass__(cls):
        KNOWN[cls.__name__] = cls

    @classmethod
    def target(cls):
        return KNOWN[cls.refers]
