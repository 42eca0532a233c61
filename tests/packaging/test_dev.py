"""./dev says what is missing: by package where it knows those, otherwise by tool and library."""

import os
import subprocess

import pytest

import harness

# What the script itself calls.
SHELL = ("bash", "cat", "dirname", "env", "grep", "sed")


@pytest.fixture
def dev(tmp_path):
    """Runs a command of ./dev as nobody would who is root, on a machine that says it is `release` and has `tools`."""

    def run(release, *tools, packages=""):
        (tmp_path / "os-release").write_text(release)
        folder = tmp_path / "bin"
        folder.mkdir()
        for tool in (*SHELL, *tools):
            found = subprocess.run(["which", tool], capture_output=True, text=True, check=True).stdout.strip()
            (folder / tool).symlink_to(found)
        (folder / "dpkg-query").write_text(f"#!/bin/sh\necho '{packages}'\n")
        (folder / "apt-get").write_text('#!/bin/sh\necho "apt-get $*"\nexit 9\n')
        for fake in ("dpkg-query", "apt-get"):
            (folder / fake).chmod(0o755)
        environment = {"PATH": str(folder), "TRUN_OS_RELEASE": str(tmp_path / "os-release"), "HOME": str(tmp_path)}
        done = subprocess.run(
            [str(folder / "bash"), str(harness.REPOSITORY / "dev"), "build"],
            env=environment, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode != 0
        return done.stdout + done.stderr

    return run


@pytest.mark.parametrize(
    ("release", "has", "has_not"),
    [
        ('ID=debian\nVERSION_ID="12"\n', "libboost-json1.81-dev", "libboost-json-dev"),
        ('ID=debian\nVERSION_ID="13"\n', "libboost-json-dev", "libboost-process-dev"),
        ("ID=debian\nVERSION_CODENAME=forky\n", "libboost-process-dev", "1.81"),
        ('ID=ubuntu\nVERSION_ID="24.04"\n', "libboost-json-dev", "libboost-process-dev"),
        ('ID=ubuntu\nVERSION_ID="22.04"\n', "libpugixml-dev", "libboost"),
    ],
)
def test_packages_are_installed_by_the_names_of_the_distribution(dev, release, has, has_not):
    told = dev(release, packages="installed ccache")
    assert "apt-get" in told
    assert has in told
    assert has_not not in told
    assert "ccache" not in told


def test_elsewhere_what_is_missing_is_listed_by_tool_and_library(dev):
    told = dev("ID=fedora\nVERSION_ID=43\n")
    assert "missing: g++, cmake, ninja, python3; docs/install.md" in told
    assert "apt-get" not in told


@pytest.mark.skipif(not os.path.exists("/usr/include/uv.h"), reason="looks for libuv where Debian has it")
def test_a_library_is_found_by_its_header(dev):
    told = dev("ID=fedora\nVERSION_ID=43\n", "g++", "cmake", "ninja")
    assert "missing: python3; docs/install.md" in told


def test_a_command_without_arguments_refuses_them():
    command = [str(harness.REPOSITORY / "dev"), "test", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "'test' takes no arguments" in done.stderr
