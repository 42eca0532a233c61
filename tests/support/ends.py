"""Small programs that look at how a process of trun's may end (test_acting.py, test_finalizers.py)."""

import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parents[2] / "plugins" / "python"


def run(
    text: str, tmp_path: Path, *options: str, check: bool = True, **kwargs: Any
) -> "subprocess.CompletedProcess[str]":
    program = tmp_path / "program.py"
    head = f"import sys\nsys.path.insert(0, {str(PACKAGE)!r})\npath = {str(tmp_path / 'file')!r}\n"
    program.write_text(head + textwrap.dedent(text))
    streams: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **kwargs}
    return subprocess.run([sys.executable, "-E", *options, str(program)], text=True, check=check, **streams)
