"""What many suites import and do that binds nothing: they keep the fast way, workers forked after the import."""

from __future__ import annotations

from bound.case import Case, cases_of

PLAIN = {
    "logging set up": """
        import logging
        logging.basicConfig(level=logging.INFO)
        LOGGER = logging.getLogger("plain")
        LOGGER.addHandler(logging.StreamHandler())
        def check(n, worker_id):
            LOGGER.info("number %d", n)
        """,
    "git asked": """
        import subprocess
        REVISION = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False).stdout
        def check(n, worker_id):
            assert isinstance(REVISION, str)
        """,
    "locks and locals": """
        import contextvars, threading
        LOCK, LOCAL, CONTEXT = threading.RLock(), threading.local(), contextvars.ContextVar("c", default=0)
        def check(n, worker_id):
            with LOCK:
                LOCAL.n = n
            assert CONTEXT.get() == 0
        """,
    "files read": """
        import json, os, pathlib
        TEXT = pathlib.Path(owner.__file__).read_text()
        HOME = os.environ.get("HOME")
        def check(n, worker_id):
            assert "claims" in TEXT
        """,
    "dates": """
        import datetime, time
        STARTED = time.perf_counter()
        EPOCH = datetime.datetime(2020, 1, 1)
        def check(n, worker_id):
            assert time.perf_counter() > STARTED
        """,
}

LIBRARIES = {
    "requests": "import requests, urllib3\nSESSION = requests.Session()\n",
    "pandas": "import numpy, pandas\nFRAME = pandas.DataFrame({'a': [1, 2]})\n",
    "matplotlib": "import matplotlib\nmatplotlib.use('Agg')\nimport matplotlib.pyplot\n",
    "django": "import django\nfrom django.conf import settings\n"
    "if not settings.configured:\n    settings.configure(SECRET_KEY='x')\ndjango.setup()\n",
    "sqlalchemy": "import sqlalchemy\nENGINE = sqlalchemy.create_engine('sqlite://')\n",
}

CHECK = "def check(n, worker_id):\n    assert n >= 0\n"

CASES: list[Case] = [
    *cases_of(PLAIN, bound=False),
    *[Case(name, text + CHECK, requires=(name,), bound=False) for name, text in LIBRARIES.items()],
]
