"""Entry point of the fork server: ``python boot.py CONTROL_FD STACKS_SIGNAL``.

Started by the engine with one end of a socket pair. Loads this package without touching ``sys.path`` (what tests can
import must be what they can import under ``pytest``), then makes ``sys.argv`` and ``sys.path[0]`` what the ``pytest``
command would have made them.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import sysconfig
from types import ModuleType


def load_package() -> None:
    """Import ``trun_worker`` from this file's directory without an entry on ``sys.path`` (installed.py)."""
    folder = os.path.dirname(os.path.abspath(__file__))
    told = os.path.join(sysconfig.get_path("purelib"), "trun_worker")
    installed = ModuleType("trun_worker.installed")
    installed.__file__ = os.path.join(told, "installed.py")
    with open(os.path.join(folder, "installed.py"), encoding="utf-8") as source:
        exec(compile(source.read(), installed.__file__, "exec"), vars(installed))
    finder = installed.Finder(folder, told)
    sys.meta_path.append(finder)
    spec = finder.find_spec("trun_worker")
    package = sys.modules["trun_worker"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(package)


def be_pytest() -> None:
    """Make of this process what its ``pytest`` command would be, as far as others can see."""
    scripts = sysconfig.get_path("scripts")
    command = os.path.join(scripts, "pytest")
    sys.argv[:] = [command]
    sys.path[0] = scripts
    if os.path.isfile(command):
        # multiprocessing runs it in what it spawns, and hypothesis reads it.
        sys.modules["__main__"].__file__ = command


def main() -> int:
    control_fd = int(sys.argv[1])
    stacks_signal = int(sys.argv[2])
    load_package()
    be_pytest()
    # The package is there since load_package().
    from trun_worker.server import main as server
    from trun_worker.system import process

    process.be_last()
    # Whoever waits for this process can ask where it hangs: on the real stderr, pytest may have captured it.
    process.write_stacks_on(stacks_signal, os.dup(2))
    code = server.serve(control_fd)
    process.will_end_with(code)
    return code


if __name__ == "__main__":
    # A worker comes back to here, too, and ends as any interpreter ends.
    sys.exit(main())
