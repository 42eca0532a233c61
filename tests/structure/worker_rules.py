"""The structure of the worker package: what its modules may import, as data and as functions over text, like rules.py.

docs/architecture.md has the table of its rooms in prose.
"""

from __future__ import annotations

import ast
import re
import sys

WORKER_ROOT = "plugins/python/trun_worker/"

# Room of the worker package: the rooms whose modules it may import, for types and inside functions too. A row names only rows
# above it. Whoever is in no room has a row of its own, by the module's name. All may import LOOSE.
WORKER_ROOMS: dict[str, tuple[str, ...]] = {
    "wire": (),
    "system": ("wire",),
    "observe": (),
    "plugins": ("wire", "system"),
    "collection": ("wire", "plugins"),
    "reports": ("wire", "system", "plugins", "collection"),
    "worker": ("wire", "system", "plugins", "reports"),
    "fixtures": ("wire", "worker"),
    "run": ("wire", "system", "observe", "plugins", "collection", "reports", "worker", "fixtures"),
    "host": ("wire", "system", "observe", "plugins", "reports"),
    "server": (
        "wire",
        "system",
        "observe",
        "plugins",
        "collection",
        "reports",
        "worker",
        "fixtures",
        "run",
        "host",
    ),
    "boot": ("system", "server"),
}
# Modules in no room that all may import. "" is the package itself: its constants.
WORKER_LOOSE = ("", "clock", "kernel")
# Modules in no room that import nothing of the package.
WORKER_ALONE = (*WORKER_LOOSE, "installed")

WORKER_MAY_IMPORT = {"pytest", "_pytest", "pluggy", "trun_worker"}


def check_worker_imports(path: str, text: str) -> list[str]:
    """The worker package runs in the user's interpreter: the standard library and pytest are all that is there."""
    complaints = []
    for node in ast.walk(ast.parse(text)):
        imported: list[tuple[int, str]] = []
        if isinstance(node, ast.Import):
            imported = [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            imported = [(node.lineno, node.module or "")]
        for line, name in imported:
            top = name.partition(".")[0]
            if top not in WORKER_MAY_IMPORT and top not in sys.stdlib_module_names:
                complaints.append(f"{path}:{line}: imports {name}")
    return complaints


def worker_room(module: str) -> str:
    """The row of WORKER_ROOMS that a dotted name below ``trun_worker`` belongs to."""
    return module.partition(".")[0]


def check_worker_rooms(path: str, text: str) -> list[str]:
    """Imports from a room that WORKER_ROOMS does not allow, wherever in the module they stand."""
    room = worker_room(path[len(WORKER_ROOT) :].removesuffix(".py").replace("/", ".").removesuffix("__init__"))
    if room not in WORKER_ROOMS and room not in WORKER_ALONE:
        return [f"{path}: belongs to no room of the worker package"]
    allowed = (room, *WORKER_ROOMS.get(room, ()), *(() if room in WORKER_ALONE else WORKER_LOOSE))
    return [
        f"{path}:{line}: {room or 'the package itself'} may not import trun_worker.{module}"
        for line, module in _package_imports(text)
        if worker_room(module) not in allowed
    ]


def _package_imports(text: str) -> list[tuple[int, str]]:
    """Line and dotted name below ``trun_worker`` of what is imported; of names that are no room and no module: ""."""
    found: list[tuple[int, str]] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "trun_worker":
            found += [(node.lineno, f"trun_worker.{alias.name}") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append((node.lineno, "trun_worker.<relative>" if node.level else node.module or ""))
    below = [(line, name.partition(".")[2]) for line, name in found if name.partition(".")[0] == "trun_worker"]
    return [(line, "" if module.isupper() else module) for line, module in below]


def check_imports_in_functions(path: str, text: str) -> list[str]:
    """Imports inside functions without a comment beside them that says why: in their line, or above them and their like."""
    lines = text.splitlines()
    functions = [
        node for node in ast.walk(ast.parse(text)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    imports = {
        node.lineno: node.end_lineno or node.lineno
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, (ast.Import, ast.ImportFrom))
    }
    complaints, explained = [], set[int]()  # last lines of imports that are
    for first, last in sorted(imports.items()):
        above = lines[first - 2].strip()
        if above.startswith("#") or first - 1 in explained or _has_reason(lines[first - 1 : last]):
            explained.add(last)
        else:
            complaints.append(f"{path}:{first}: an import in a function, and no comment says why")
    return complaints


def _has_reason(statement: list[str]) -> bool:
    """Whether the lines hold a comment, which is not only for a linter."""
    return any(re.search(r"#(?! noqa\b| type: ignore\b) *\S", line) for line in statement)
