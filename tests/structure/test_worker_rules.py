"""Negative controls: each check of worker_rules.py finds a bad sample, and lets a good one pass."""

from __future__ import annotations

import pytest
import worker_rules


def test_worker_imports() -> None:
    good = "import os, pytest\nfrom _pytest.runner import call_runtest_hook\nfrom trun_worker.wire import channel\n"
    assert worker_rules.check_worker_imports("a.py", good) == []
    assert worker_rules.check_worker_imports("a.py", "def f():\n    import numpy.linalg\n") == [
        "a.py:2: imports numpy.linalg"
    ]
    assert worker_rules.check_worker_imports("a.py", "from xdist import plugin\n") == ["a.py:1: imports xdist"]


@pytest.mark.parametrize(
    ("path", "statement", "expected"),
    [
        ("run/run_loop.py", "from trun_worker.wire.channel import Frame", None),
        ("run/run_loop.py", "from trun_worker.run import leaks", None),
        ("run/run_loop.py", "from trun_worker.clock import CLOCK", None),
        ("run/run_loop.py", "import os", None),
        ("wire/channel.py", "from trun_worker.kernel import KERNEL", None),
        ("wire/channel.py", "from trun_worker.system import process", "wire may not import trun_worker.system"),
        ("wire/channel.py", "from trun_worker import run", "wire may not import trun_worker.run"),
        ("wire/channel.py", "import trun_worker.run.leaks", "wire may not import trun_worker.run.leaks"),
        ("wire/channel.py", "from . import outbox", "wire may not import trun_worker.<relative>"),
        ("wire/__init__.py", "from trun_worker.worker.link import Link", "wire may not import trun_worker.worker.link"),
        ("fixtures/once.py", "from trun_worker.run import session", "fixtures may not import trun_worker.run"),
        ("host/host.py", "from trun_worker.server import cache", "host may not import trun_worker.server"),
        ("server/facts.py", "from trun_worker import PROTOCOL_VERSION", None),
        ("server/facts.py", "from trun_worker import boot", "server may not import trun_worker.boot"),
        ("boot.py", "from trun_worker.server import main", None),
        ("boot.py", "from trun_worker.run import leaks", "boot may not import trun_worker.run"),
        ("clock.py", "from trun_worker.wire import wire_text", "clock may not import trun_worker.wire"),
        ("__init__.py", "from trun_worker import clock", "the package itself may not import trun_worker.clock"),
        ("elsewhere/a.py", "import os", "belongs to no room"),
        ("a.py", "import os", "belongs to no room"),
    ],
)
def test_rooms_of_the_worker(path: str, statement: str, expected: str | None) -> None:
    for text in (statement, f"if TYPE_CHECKING:\n    {statement}", f"def late():\n    {statement}"):
        found = worker_rules.check_worker_rooms(worker_rules.WORKER_ROOT + path, text + "\n")
        assert (expected in found[0] and len(found) == 1) if expected else found == []


@pytest.mark.parametrize(
    "body",
    [
        "    import os\n",
        "    import os  # noqa: F401\n",
        "    import os  # type: ignore\n",
        "    # reason\n\n    import os\n",
        "    if x:\n        from a import b\n",
        "    import os\n    import sys  # reason\n",
        "    import os  # reason\n    x = 1\n    import sys\n",
    ],
)
def test_imports_in_functions_without_a_reason(body: str) -> None:
    for head in ("def f():\n", "async def f():\n", "class A:\n  def f():\n"):
        assert len(worker_rules.check_imports_in_functions("a.py", head + body)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "import os\n",
        "if x:\n    import os\n",
        "try:\n    import os\nexcept ImportError:\n    pass\n",
        "def f():\n    import os  # reason\n",
        "def f():\n    # reason\n    import os\n    from a import b\n",
        "def f():\n    from a import (  # reason\n        b,\n    )\n    import os\n",
        "def f():\n    import os  # noqa: F401  # reason\n",
    ],
)
def test_imports_that_are_explained_or_in_no_function(text: str) -> None:
    assert worker_rules.check_imports_in_functions("a.py", text) == []
