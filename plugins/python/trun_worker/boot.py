"""Entry point of the fork server: ``python boot.py CONTROL_FD STACKS_SIGNAL``.

Started by the engine with one end of a socket pair. Loads this package without touching ``sys.path`` (what tests can
import must be what they can import under ``pytest``), then makes ``sys.argv`` and ``sys.path[0]`` what the ``pytest``
command would have made them.
"""

import atexit
import importlib.util
import os
import sys
import sysconfig


def load_package() -> None:
    """Import ``trun_worker`` from this file's directory without an entry on ``sys.path``."""
    folder = os.path.dirname(os.path.abspath(__file__))
    spec = importlib.util.spec_from_file_location(
        "trun_worker",
        os.path.join(folder, "__init__.py"),
        submodule_search_locations=[folder],
    )
    assert spec is not None and spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules["trun_worker"] = package
    spec.loader.exec_module(package)


def main() -> int:
    control_fd = int(sys.argv[1])
    stacks_signal = int(sys.argv[2])
    load_package()
    scripts = sysconfig.get_path("scripts")
    sys.argv[:] = [os.path.join(scripts, "pytest")]
    sys.path[0] = scripts
    from trun_worker import finalizers, process, server

    # The first to be registered is the last to run.
    atexit.register(finalizers.spare_collections)
    # Whoever waits for this process can ask where it hangs: on the real stderr, pytest may have captured it.
    process.write_stacks_on(stacks_signal, os.dup(2))
    return server.serve(control_fd)


if __name__ == "__main__":
    # A worker comes back to here, too, and ends as any interpreter ends.
    sys.exit(main())
