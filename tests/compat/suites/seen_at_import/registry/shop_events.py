"""An application's registry of handlers, filled by whoever defines one."""

handlers: dict = {}


class Handler:
    def __init_subclass__(cls) -> None:
        handlers[cls.__name__] = cls
