"""What tests hold of the named resources (docs/resources.md), and how what they start learns of it: ``TRUN_RESOURCES``."""

from __future__ import annotations

import json
import os
from typing import Any


class Leases(dict[str, Any]):
    """By wire id: {"gpu": [1]}. ``tell`` says in the environment what the test that begins now holds."""

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[str, str] = {}

    def tell(self, wire_id: str) -> None:
        """``TRUN_RESOURCES`` as JSON, ``TRUN_RESOURCE_GPU`` as "0,1"; neither for a test that holds nothing."""
        variables = _variables(self.get(wire_id, {}))
        if variables == self._told:
            return
        for name in self._told:
            os.environ.pop(name, None)
        os.environ.update(variables)
        self._told = variables


def _variables(held: dict[str, list[int]]) -> dict[str, str]:
    if not held:
        return {}
    units = {_name(resource): ",".join(map(str, numbers)) for resource, numbers in held.items()}
    return {"TRUN_RESOURCES": json.dumps(held), **units}


def _name(resource: str) -> str:
    return "TRUN_RESOURCE_" + "".join(c.upper() if c.isascii() and c.isalnum() else "_" for c in resource)
