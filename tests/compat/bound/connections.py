"""Sockets, pipes and connections to servers: what two processes must not share."""

from __future__ import annotations

from bound.case import Case, cases_of

SOCKETS = {
    "listening socket": """
        import os, socket
        SERVER = socket.create_server(("127.0.0.1", 0))
        def check(n, worker_id):
            owner.own(f"port-{SERVER.getsockname()[1]}")
            with socket.create_connection(SERVER.getsockname(), 5) as client, SERVER.accept()[0] as peer:
                client.sendall(b"%d" % os.getpid())
                assert peer.recv(20) == b"%d" % os.getpid()
        """,
    "pair of sockets": """
        import os, socket
        ONE, TWO = socket.socketpair()
        def check(n, worker_id):
            ONE.sendall(b"%-10d" % os.getpid())
            TWO.settimeout(5)
            assert int(TWO.recv(10)) == os.getpid()
        """,
    "free port": """
        import socket
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            PORT = probe.getsockname()[1]
        def check(n, worker_id):
            owner.own(f"port-{PORT}")
        """,
    "pipe": """
        import os
        READ, WRITE = os.pipe()
        def check(n, worker_id):
            os.write(WRITE, b"%-10d" % os.getpid())
            assert int(os.read(READ, 10)) == os.getpid()
        """,
}

CASES: list[Case] = [
    *cases_of(SOCKETS),
    Case(
        "connection",
        """
        import os, socket
        CONNECTION = socket.create_connection(("127.0.0.1", int(os.environ["BOUND_PORT"])))
        STREAM = CONNECTION.makefile("rw")
        CONNECTION.settimeout(5)
        def check(n, worker_id):
            for turn in range(5):
                line = f"{n} {turn} {os.getpid()}\\n"
                STREAM.write(line)
                STREAM.flush()
                assert STREAM.readline() == line
        """,
        server="lines",
    ),
    Case(
        "postgresql",
        """
        import os, psycopg
        CONNECTION = psycopg.connect(os.environ["BOUND_DSN"], autocommit=True)
        BACKEND = CONNECTION.execute("select pg_backend_pid()").fetchone()[0]
        def check(n, worker_id):
            owner.own(f"backend-{BACKEND}")
            for turn in range(5):
                asked = [n, turn, os.getpid()]
                assert list(CONNECTION.execute("select %s::int, %s::int, %s::int", asked).fetchone()) == asked
        """,
        requires=("psycopg",),
        server="postgresql",
    ),
    Case(
        "engine of sqlalchemy",
        """
        import os, sqlalchemy
        ENGINE = sqlalchemy.create_engine(os.environ["BOUND_URL"], pool_size=1, max_overflow=0)
        with ENGINE.connect() as connection:
            BACKEND = connection.execute(sqlalchemy.text("select pg_backend_pid()")).scalar()
        def check(n, worker_id):
            with ENGINE.connect() as connection:
                owner.own(f"backend-{connection.execute(sqlalchemy.text('select pg_backend_pid()')).scalar()}")
        """,
        requires=("psycopg", "sqlalchemy"),
        server="postgresql",
    ),
    Case(
        "redis",
        """
        import os, redis
        CLIENT = redis.Redis(port=int(os.environ["BOUND_PORT"]), single_connection_client=True, socket_timeout=5)
        IDENTITY = CLIENT.client_id()
        def check(n, worker_id):
            owner.own(f"client-{IDENTITY}")
            for turn in range(5):
                assert CLIENT.echo(f"{n} {turn} {os.getpid()}") == f"{n} {turn} {os.getpid()}".encode()
        """,
        requires=("redis",),
        server="redis",
    ),
]
