"""What a wheel's binary takes from the machine, and the platform tag (PEP 600) that says so.

A binary that takes nothing but the C library (and libgcc_s, whose symbols are old) runs wherever that library is at least as new
as the newest symbol that it asks for. Its wheel may be called manylinux_X_Y.

    python runner/packaging/binary_needs.py WHEEL...: prints it; fails if a tag promises more, or a wheel is too large
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

SIZE_LIMIT = 6_000_000
"""Bytes of a wheel, and of the binary in it."""

# On every machine with glibc, under these names.
_C_LIBRARY = re.compile(r"(libc|libm)\.so\.6|libgcc_s\.so\.1|ld-linux-.*\.so\.\d+")
_NEEDED = re.compile(r"\(NEEDED\).*\[(.+)\]")
_VERSION = re.compile(r" Name: (GLIBC_\S+)")
_SYMBOL = re.compile(r" UND (\S+?)@+GLIBC_(\d+)\.(\d+)")
_MANYLINUX = re.compile(r"-manylinux_(\d+)_(\d+)_\w+\.whl$")


@dataclass(frozen=True)
class Needs:
    """What a binary takes from the machine."""

    libraries: list[str]
    """Beyond the C library and libgcc_s."""
    glibc: tuple[int, int]
    """The oldest that has every symbol."""
    newest: list[str]
    """Symbols that no older glibc has, and what else stands in its way."""

    @property
    def is_portable(self) -> bool:
        return not self.libraries and self.glibc > (0, 0)


def parse(readelf: str) -> Needs:
    """`readelf --dynamic --version-info --dyn-syms` of a binary."""
    libraries = [name for name in _NEEDED.findall(readelf) if not _C_LIBRARY.fullmatch(name)]
    # GLIBC_PRIVATE and the like: no number says which glibc has it.
    unnumbered = [name for name in _VERSION.findall(readelf) if not re.match(r"GLIBC_\d", name)]
    if unnumbered:
        return Needs(libraries, (0, 0), unnumbered)
    by_version: dict[tuple[int, int], list[str]] = {}
    for symbol, major, minor in _SYMBOL.findall(readelf):
        by_version.setdefault((int(major), int(minor)), []).append(symbol)
    glibc = max(by_version, default=(0, 0))
    return Needs(libraries, glibc, sorted(by_version.get(glibc, [])))


def portable_platform(needs: Needs, platform: str) -> str:
    """The platform tag for a binary built as `platform`, such as linux_x86_64: that itself if it runs on such machines only."""
    if not needs.is_portable:
        return platform
    return f"manylinux_{needs.glibc[0]}_{needs.glibc[1]}_{platform.removeprefix('linux_')}"


def needs_of_wheel(wheel: Path) -> tuple[Needs, int]:
    """Of the binary in it, and the binary's size in bytes."""
    with zipfile.ZipFile(wheel) as archive, tempfile.TemporaryDirectory() as folder:
        name = next(name for name in archive.namelist() if name.endswith(".data/scripts/trun"))
        binary = archive.extract(name, folder)
        command = ["readelf", "--wide", "--dynamic", "--version-info", "--dyn-syms", binary]
        text = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "LC_ALL": "C"})
        return parse(text.stdout), archive.getinfo(name).file_size


def complaints(wheel: str, needs: Needs, sizes: tuple[int, int]) -> list[str]:
    """What is wrong with a wheel of that file name, whose own size and binary's size are `sizes`."""
    wrong = [f"{size} bytes are more than {SIZE_LIMIT}" for size in sizes if size > SIZE_LIMIT]
    if needs.libraries:
        wrong.append("needs " + ", ".join(needs.libraries))
    promised = _MANYLINUX.search(wheel)
    if promised is None:
        wrong.append("has no manylinux tag")
    elif not needs.is_portable or needs.glibc > (int(promised[1]), int(promised[2])):
        wrong.append("needs a newer glibc than it says: " + ", ".join(needs.newest))
    return wrong


def main(wheels: list[str]) -> int:
    status = 0
    for wheel in map(Path, wheels):
        needs, binary_size = needs_of_wheel(wheel)
        size = wheel.stat().st_size
        print(f"{wheel.name}: {size / 1e6:.2f} MB, its binary {binary_size / 1e6:.2f} MB")
        print(f"  glibc {needs.glibc[0]}.{needs.glibc[1]} ({', '.join(needs.newest)})")
        for complaint in complaints(wheel.name, needs, (size, binary_size)):
            print(f"  {complaint}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
