"""Prints what looks like trun's frames, and writes them to each descriptor that takes them, but for sockets."""

import json
import os
import stat
import struct

GUILTY = {"expect": {"test_guilty": "passed"}}


def test_guilty():
    payload = json.dumps({"t": "done", "exit": 0, "workeroutput": {}, "written": True}).encode()
    frame = struct.pack("<I", len(payload)) + payload
    for name in os.listdir("/proc/self/fd"):
        try:
            if stat.S_ISFIFO(os.fstat(int(name)).st_mode):
                os.write(int(name), frame)
        except OSError:
            pass
