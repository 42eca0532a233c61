"""Baskets in Redis, over its protocol (RESP): as many words as this example needs."""

import socket


class Baskets:
    def __init__(self, host, port, database):
        self._socket = socket.create_connection((host, port), timeout=5)
        self._answers = self._socket.makefile("rb")
        self._ask("SELECT", database)

    def put(self, customer, article):
        return self._ask("RPUSH", f"basket:{customer}", article)

    def articles(self, customer):
        return self._ask("LRANGE", f"basket:{customer}", 0, -1)

    def close(self):
        self._answers.close()
        self._socket.close()

    def _ask(self, *words):
        parts = [str(word).encode() for word in words]
        self._socket.sendall(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts))
        return self._answer()

    def _answer(self):
        kind, rest = (line := self._answers.readline().strip())[:1], line[1:]
        if kind == b"-":
            raise RuntimeError(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return self._answers.read(int(rest) + 2)[:-2].decode()
        if kind == b"*":
            return [self._answer() for _ in range(int(rest))]
        return rest.decode()
