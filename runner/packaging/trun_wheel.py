"""Build backend: scikit-build-core's, whose wheel gets the platform tag that its binary can keep (binary_needs.py)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from scikit_build_core import build
from scikit_build_core.build import *  # noqa: F403  # the hooks that stay as they are

from binary_needs import main as tell
from binary_needs import needs_of_wheel, portable_platform


def build_wheel(wheel_directory: str, config_settings: Any = None, metadata_directory: Any = None) -> str:
    wheel = Path(wheel_directory, build.build_wheel(wheel_directory, config_settings, metadata_directory))
    platform = wheel.stem.split("-")[-1]
    tag = portable_platform(needs_of_wheel(wheel)[0], platform)
    if tag != platform:
        command = [sys.executable, "-m", "wheel", "tags", "--remove", "--platform-tag", tag, str(wheel)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        wheel = wheel.with_name(done.stdout.splitlines()[-1])
    # What it says is for whoever builds; a wheel for this machine only is a wheel, too.
    tell([str(wheel)])
    return wheel.name
