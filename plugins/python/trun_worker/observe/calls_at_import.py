"""Whether importing a module calls a certain function of another one: told from its text, and from how it imports that."""

from __future__ import annotations

import ast  # by pytest's rewriting, it is loaded already
import os
from collections.abc import Iterator
from contextlib import suppress

#: By the last part of a module's name: functions of it.
Functions = dict[str, frozenset[str]]
#: What runs later.
_LATER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def module_of(filename: str) -> str:
    """The last part of the name under which others import the file."""
    folder, name = os.path.split(filename)
    stem = name.partition(".")[0]
    return os.path.basename(folder) if stem == "__init__" else stem


def first_line(filename: str, functions: Functions) -> int:
    """The first line at which importing the file ``filename`` calls one of ``functions``; 0: it calls none, or nobody knows."""
    with suppress(OSError, SyntaxError, ValueError, RecursionError), open(filename, "rb") as file:
        return _Finder(functions).line(ast.parse(file.read()))
    return 0


class _Finder:
    def __init__(self, functions: Functions) -> None:
        self._functions = functions
        #: What the file calls them, and their modules.
        self._names: set[str] = set()
        self._modules: dict[str, frozenset[str]] = {}

    def line(self, module: ast.Module) -> int:
        lines = []
        for node in _that_run(module):
            if isinstance(node, ast.ImportFrom):
                self._take_from(node)
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    self._take_module(alias.name.rpartition(".")[2], alias.asname or alias.name.rpartition(".")[2])
        for node in _that_run(module):
            if isinstance(node, ast.Call) and self._is_one(node.func):
                lines.append(node.lineno)
        return min(lines, default=0)

    def _take_from(self, node: ast.ImportFrom) -> None:
        functions = self._functions.get((node.module or "").rpartition(".")[2], frozenset())
        for alias in node.names:
            if alias.name in functions:
                self._names.add(alias.asname or alias.name)
            else:
                self._take_module(alias.name, alias.asname or alias.name)

    def _take_module(self, name: str, known_as: str) -> None:
        if name in self._functions:
            self._modules[known_as] = self._functions[name]

    def _is_one(self, called: ast.expr) -> bool:
        if isinstance(called, ast.Name):
            return called.id in self._names
        if not isinstance(called, ast.Attribute):
            return False
        owner = called.value
        name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
        return called.attr in self._modules.get(name, frozenset())


def _that_run(node: ast.AST) -> Iterator[ast.AST]:
    """All below it that runs when the module does: of a function its decorators and defaults."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _LATER):
            outer = [*getattr(child, "decorator_list", ()), *child.args.defaults, *filter(None, child.args.kw_defaults)]
            for each in outer:
                yield each
                yield from _that_run(each)
            continue
        yield child
        yield from _that_run(child)
