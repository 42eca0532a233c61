"""A wheel promises no more than its binary can keep."""

import subprocess
import zipfile

import pytest

import binary_needs
from binary_needs import Needs

READELF = """
Dynamic section at offset 0x4fd0 contains 3 entries:
  Tag        Type                         Name/Value
 0x0000000000000001 (NEEDED)             Shared library: [libm.so.6]
 0x0000000000000001 (NEEDED)             Shared library: [libc.so.6]
 0x0000000000000001 (NEEDED)             Shared library: [ld-linux-x86-64.so.2]

Symbol table '.dynsym' contains 5 entries:
     1: 0000000000000000     0 FUNC    GLOBAL DEFAULT  UND pthread_join@GLIBC_2.34 (20)
     2: 0000000000000000     0 FUNC    GLOBAL DEFAULT  UND close_range@GLIBC_2.34 (20)
     3: 0000000000000000     0 FUNC    GLOBAL DEFAULT  UND epoll_wait@GLIBC_2.3.2 (7)
     4: 0000000000000000     0 NOTYPE  WEAK   DEFAULT  UND __gmon_start__
     5: 0000000000001000     8 FUNC    GLOBAL DEFAULT   14 own@GLIBC_2.99

Version needs section '.gnu.version_r' contains 1 entry:
  0x0010:   Name: GLIBC_2.34  Flags: none  Version: 20
  0x0020:   Name: GLIBC_2.3.2  Flags: none  Version: 7
"""


def test_the_newest_symbol_says_which_glibc():
    assert binary_needs.parse(READELF) == Needs([], (2, 34), ["close_range", "pthread_join"])


def test_other_libraries_are_named():
    text = READELF.replace("[libm.so.6]", "[libstdc++.so.6]")
    assert binary_needs.parse(text).libraries == ["libstdc++.so.6"]


def test_what_has_no_version_is_not_portable():
    text = READELF + "  0x0030:   Name: GLIBC_ABI_DT_RELR  Flags: none  Version: 8\n"
    needs = binary_needs.parse(text)
    assert needs == Needs([], (0, 0), ["GLIBC_ABI_DT_RELR"])
    assert not needs.is_portable


def test_a_portable_binary_has_a_manylinux_tag():
    needs = Needs([], (2, 34), [])
    assert binary_needs.portable_platform(needs, "linux_x86_64") == "manylinux_2_34_x86_64"
    assert binary_needs.portable_platform(needs, "linux_aarch64") == "manylinux_2_34_aarch64"
    assert binary_needs.portable_platform(Needs(["libuv.so.1"], (2, 34), []), "linux_x86_64") == "linux_x86_64"
    assert binary_needs.portable_platform(Needs([], (0, 0), []), "linux_x86_64") == "linux_x86_64"


@pytest.mark.parametrize(
    ("wheel", "needs", "size", "wrong"),
    [
        ("trun-1-py3-none-manylinux_2_34_x86_64.whl", Needs([], (2, 34), ["f"]), 1, []),
        ("trun-1-py3-none-manylinux_2_35_x86_64.whl", Needs([], (2, 4), ["f"]), 1, []),
        (
            "trun-1-py3-none-manylinux_2_9_x86_64.whl",
            Needs([], (2, 34), ["f"]),
            1,
            ["needs a newer glibc than it says: f"],
        ),
        ("trun-1-py3-none-linux_x86_64.whl", Needs([], (2, 34), ["f"]), 1, ["has no manylinux tag"]),
        ("trun-1-py3-none-manylinux_2_34_x86_64.whl", Needs(["x.so"], (2, 34), ["f"]), 1, ["needs x.so"]),
        (
            "trun-1-py3-none-manylinux_2_34_x86_64.whl",
            Needs([], (2, 34), ["f"]),
            6_000_001,
            ["6000001 bytes are more than 6000000"],
        ),
    ],
)
def test_complaints(wheel, needs, size, wrong):
    found = binary_needs.complaints(wheel, needs, (size, 1))
    assert [complaint for complaint in found if complaint in wrong] == wrong
    assert bool(found) == bool(wrong)


def test_a_real_binary(tmp_path):
    """The machine's own: every readelf must print what is looked for."""
    with zipfile.ZipFile(tmp_path / "trun-1-py3-none-linux_x86_64.whl", "w") as archive:
        archive.write("/bin/sh", "trun-1.data/scripts/trun")
    needs, size = binary_needs.needs_of_wheel(tmp_path / "trun-1-py3-none-linux_x86_64.whl")
    listed = subprocess.run(["ldd", "/bin/sh"], capture_output=True, text=True, check=True).stdout
    assert size > 10_000
    assert needs.glibc > (2, 0)
    assert needs.newest
    assert all(library in listed for library in needs.libraries)
