"""The half of trun that lives inside the user's interpreter.

One package, loaded by ``boot.py`` from beside the ``trun`` binary; the standard library and the user's own pytest are all
that it needs. It has no policy: it parses, collects and runs what the engine tells it, through pytest's own objects, and says
what it saw (docs/protocol.md). It is divided into rooms, one a folder; each says in its ``__init__.py`` what it holds, and
docs/architecture.md which other rooms it may import. To begin with: ``server.fork_server``, ``run.session`` (a worker's pytest
plugin), ``run.run_loop`` (runs the items) and ``run.fast_lane``.
"""

PROTOCOL_VERSION = 1
