"""The half of trun that lives inside the user's interpreter.

One package, loaded by ``boot.py`` from beside the ``trun`` binary; the standard library and the user's own pytest are all
that it needs. It has no policy: it parses, collects and runs what the engine tells it, through pytest's own objects, and says
what it saw (docs/protocol.md). ``server`` is the fork server, ``session`` a worker's pytest plugin, ``runloop`` the loop that
runs items, ``lane`` everything that knows pytest's private parts.
"""

PROTOCOL_VERSION = 1
