"""./dev roots says whom it is for. What it shows takes too long for a test."""

import os
import subprocess

import harness


def test_roots_are_for_root_alone():
    # In a user namespace of its own that maps nobody, root is nobody, too.
    nobody = [] if os.geteuid() else ["unshare", "--user"]
    done = subprocess.run(
        [*nobody, "bash", str(harness.REPOSITORY / "dev"), "roots"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "roots: debootstrap and chroot are for root alone: run sudo ./dev roots\n"
