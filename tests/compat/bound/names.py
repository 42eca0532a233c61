"""Names: identities, times, random numbers, and who a worker is."""

from __future__ import annotations

from bound.case import ONE_HOME, Case, cases_of

NAMES = {
    "uuid": """
        import uuid
        NAME = uuid.uuid4().hex
        def check(n, worker_id):
            owner.own(NAME)
        """,
    "uuid of time": """
        import uuid
        NAME = uuid.uuid1().hex
        def check(n, worker_id):
            owner.own(NAME)
        """,
    "process id": """
        import os
        PID = os.getpid()
        def check(n, worker_id):
            assert os.getpid() == PID
        """,
    "time": """
        import time
        NAME = f"run-{time.time_ns()}"
        def check(n, worker_id):
            owner.own(NAME)
        """,
    "token": """
        import secrets
        NAME = secrets.token_hex(8)
        def check(n, worker_id):
            owner.own(NAME)
        """,
    "random bytes": """
        import os
        NAME = os.urandom(8).hex()
        def check(n, worker_id):
            owner.own(NAME)
        """,
    "random number": """
        import random
        NAME = random.randrange(2**60)
        def check(n, worker_id):
            owner.own(NAME)
        """,
    "random state": """
        import random
        random.random()
        def check(n, worker_id):
            owner.fresh(random.randrange(2**60))
        """,
    "generator of its own": """
        import random
        NUMBERS = random.Random()
        def check(n, worker_id):
            owner.fresh(NUMBERS.randrange(2**60))
        """,
    "random seeded": """
        import random
        NUMBERS = random.Random(3)
        AGAIN = random.Random(3)
        random.seed(3)
        FIRST = random.random()
        SEEDED = random.Random(3)
        NEXT = {SEEDED.random() for _ in range(1000)}
        def check(n, worker_id):
            assert random.Random(3).random() == FIRST
            assert NUMBERS.random() == AGAIN.random()
            assert random.random() in NEXT
        """,
}

ENVIRONMENT = {
    "worker's name": """
        import os
        WORKER = os.environ.get("PYTEST_XDIST_WORKER", "master")
        def check(n, worker_id):
            assert worker_id == WORKER
        """,
    "worker's name by getenv": """
        import os
        DATABASE = "test_" + (os.getenv("PYTEST_XDIST_WORKER") or "master")
        def check(n, worker_id):
            assert f"test_{worker_id}" == DATABASE
        """,
    "number of workers": """
        import os
        COUNT = os.environ.get("PYTEST_XDIST_WORKER_COUNT")
        def check(n, worker_id):
            assert os.environ.get("PYTEST_XDIST_WORKER_COUNT") == COUNT
        """,
    "copy of the environment": """
        import os
        COPY = os.environ.copy()
        def check(n, worker_id):
            assert COPY.get("PYTEST_XDIST_WORKER", "master") == worker_id
        """,
    "environment of children": """
        import os, subprocess, sys
        ENVIRONMENT = {**os.environ, "BOUND": "1"}
        PRINTS = "import os; print(os.environ.get('PYTEST_XDIST_WORKER', 'master'))"
        def check(n, worker_id):
            said = subprocess.run([sys.executable, "-c", PRINTS], env=ENVIRONMENT, capture_output=True, text=True)
            assert said.stdout.strip() == worker_id
        """,
    "variables of trun": """
        import os
        FOUND = {name: value for name, value in os.environ.items() if name.startswith("TRUN_")}
        def check(n, worker_id):
            assert FOUND == {name: value for name, value in os.environ.items() if name.startswith("TRUN_")}
        """,
    "variable set at import": """
        import os
        os.environ["BOUND_DATABASE"] = "db_" + os.environ.get("PYTEST_XDIST_WORKER", "master")
        def check(n, worker_id):
            assert os.environ["BOUND_DATABASE"] == f"db_{worker_id}"
        """,
}

NUMPY = [
    Case(
        "numpy's state",
        """
        import numpy as np
        np.random.random()
        def check(n, worker_id):
            owner.fresh(f"{np.random.randint(2**31)}-{np.random.randint(2**31)}")
        """,
        requires=("numpy",),
    ),
    Case(
        "numpy's state, unused",
        """
        import numpy.random as random
        def check(n, worker_id):
            owner.fresh(f"{random.randint(2**31)}-{random.randint(2**31)}")
        """,
        requires=("numpy",),
    ),
    Case(
        "numpy's generator",
        """
        import numpy as np
        NUMBERS = np.random.default_rng()
        def check(n, worker_id):
            owner.fresh(NUMBERS.integers(2**60))
        """,
        requires=("numpy",),
    ),
    Case(
        "numpy seeded",
        """
        import numpy as np
        np.random.seed(3)
        FIRST = np.random.random()
        AGAIN = np.random.RandomState(3)
        AGAIN.random()
        def check(n, worker_id):
            assert np.random.random() == AGAIN.random()
        """,
        requires=("numpy",),
        places=ONE_HOME,
    ),
]

CASES: list[Case] = [*cases_of(NAMES), *cases_of(ENVIRONMENT), *NUMPY]
