"""The structure of the sources as data and as functions over text.

The include table says who may include whom; docs/architecture.md shows the same picture in prose. Each check takes a path
relative to the repository and a text, and returns its complaints, so that test_rules.py can feed it bad samples.
worker_rules.py has those of the worker package.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping

# What all rooms above them stand on.
_FLOORS = ("runner/base", "runner/kernel", "runner/wire", "runner/model", "runner/config", "runner/containment")

# Folder: what it may include besides itself and the C++ library. "system" stands for the C library and the kernel. A file
# belongs to the longest folder that is a prefix of its path; an entry that ends in ".h" allows that header only,
# one that ends in "/" all folders below too.
INCLUDE_TABLE: dict[str, tuple[str, ...]] = {
    "runner/base": (),
    "collectors": ("runner/base", "system"),
    "scheduler": ("runner/base",),
    "reporters": ("runner/base", "system"),
    "plugins": ("runner/base", "reporters/reporter.h"),
    "runner/kernel": ("runner/base", "system"),
    "runner/wire": ("runner/base", "runner/kernel", "system"),
    "runner/containment": ("runner/base", "runner/kernel", "system"),
    "runner/model": ("runner/base",),
    "runner/config": (
        "runner/base",
        "runner/kernel",
        "runner/model",
        "collectors",
        "scheduler",
        "reporters/utf8.h",
        "system",
    ),
    "runner/ports": ("runner/base", "runner/kernel", "runner/model", "system"),
    "runner/workers": (
        *_FLOORS,
        "scheduler",
        "system",
    ),
    "runner/reporting": (
        *_FLOORS,
        "scheduler",
        "reporters",
        "system",
    ),
    "runner/services/plan": ("runner/base", "runner/model"),
    "runner/services/lifecycle": ("runner/base", "runner/model", "runner/services/plan"),
    "runner/services/process": (
        "runner/base",
        "runner/kernel",
        "runner/wire",
        "runner/model",
        "runner/ports",
        "runner/services/plan",
        "system",
    ),
    "runner/services": (
        "runner/base",
        "runner/kernel",
        "runner/wire",
        "runner/model",
        "runner/containment",
        "runner/ports",
        "runner/services/",
        "system",
    ),
    "runner/engine": (
        *_FLOORS,
        "runner/ports",
        "runner/workers",
        "runner/reporting",
        "runner/services",
        "collectors",
        "scheduler",
        "reporters",
        "system",
    ),
    "runner/commands": (
        "runner/base",
        "runner/kernel",
        "runner/model",
        "runner/config",
        "runner/containment",
        "runner/ports",
        "runner/services",
        "system",
    ),
    "runner": (
        "runner/base",
        "runner/kernel",
        "runner/config",
        "runner/containment",
        "runner/engine",
        "runner/commands",
        "system",
    ),
    "tests": ("runner/", "collectors", "scheduler", "reporters", "plugins", "system"),
}

# Third-party header: the sources that may include it. Headers never may: they would make everybody pay for its parsing.
THIRD_PARTY: dict[str, str] = {
    r"boost/asio": r"runner/kernel/(event_loop|launch)\.cc|runner/services/process/http_reply\.cc",
    r"boost/beast": r"runner/services/process/http_reply\.cc",
    r"boost/process": r"runner/kernel/launch\.cc",
    r"boost/json": r"reporters/[^/]+\.cc|runner/wire/(json_fields|frame_writer)\.h"
    r"|runner/services/process/http_reply\.cc|runner/services/service_question\.cc|runner/commands/services_file\.cc",
    r"pugixml\.hpp": r"reporters/[^/]+\.cc",
    r"toml\+\+/": r"runner/config/config_file\.cc",
    r"uv\.h": r"runner/base/[^/]+\.cc|collectors/[^/]+\.cc",
    r"(gtest|gmock)/": r"tests/.+",
}

# At most one file of a folder may include these.
ONE_FILE_A_FOLDER = ("uv.h",)

# What code may not say, comments and string literals aside: pattern, reason, the files that may.
BANNED: tuple[tuple[str, str, str], ...] = (
    (r"\b(waitpid|wait4)\s*\(\s*-\s*1\b", "steals the exit status of other waiters", ""),
    (r"(?<![\w.>:])(::)?(std::)?system\s*\(", "starts a shell", ""),
    (r"(?<![\w.>:])(::)?popen\s*\(", "starts a shell", ""),
    (r"\buv_spawn\b", "replaces Asio's SIGCHLD handler", ""),
    (r"\buv_signal_\w+", "replaces Asio's signal handlers", ""),
    (r"\buv_default_loop\b", "is a global", ""),
    (r"\bstd::j?thread\b", "the engine has one thread", r"collectors/watch\.cc"),
    (r"\b(async_execute|execute_async)\b", "stops only the direct child", ""),
    (r"\b(shared_ptr|make_shared|enable_shared_from_this)\b", "has no single owner", ""),
    (r"\bistreambuf_iterator\b", "throws where a file cannot be read, past the stream", ""),
    (r"(?m)^using namespace\b", "opens a namespace for a whole file", ""),
)
BANNED_IN_UNIT_TESTS: tuple[tuple[str, str, str], ...] = (
    (r"\b(sleep|usleep|nanosleep|sleep_for|sleep_until)\s*\(", "a unit test does not sleep", ""),
)

# Lines that a file may have: by the start of its path, by its end, at most. The first that fits counts.
MAX_LINES: tuple[tuple[str, str, int], ...] = (
    ("plugins/python/", ".py", 300),
    ("tests/", ".py", 400),
    ("", ".cc", 400),
    ("", ".h", 200),
)

# Put together here so that this file passes its own check.
UNFINISHED = tuple("".join(parts) for parts in (("TO", "DO"), ("FIX", "ME"), ("XX", "X")))

_INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
_NOT_CODE = re.compile(
    r"""R"(?P<tag>[^\s()\\]*)\(.*?\)(?P=tag)"   # raw string
      | "(?:\\.|[^"\\\n])*"                      # string
      | (?<!\w)'(?:\\.|[^'\\\n])+'               # character, not the 1'000 of a number
      | //[^\n]* | /\*.*?\*/""",
    re.VERBOSE | re.DOTALL,
)


def code_only(text: str) -> str:
    """The text with comments and string literals emptied, line numbers kept."""

    def blank(match: re.Match[str]) -> str:
        literal = match.group()
        return ("" if literal.startswith("/") else '""') + "\n" * literal.count("\n")

    return _NOT_CODE.sub(blank, text)


def folder_of(path: str) -> str | None:
    """The row of the include table that a path belongs to."""
    return max((f for f in INCLUDE_TABLE if path.startswith(f + "/")), key=len, default=None)


def is_system(header: str) -> bool:
    return header.endswith(".h") and not any(re.match(pattern, header) for pattern in THIRD_PARTY)


def check_includes(path: str, text: str) -> list[str]:
    """Includes that the table does not allow. `#include`s in comments count too: none should be there."""
    folder = folder_of(path)
    if folder is None:
        return [f"{path}: belongs to no folder of the include table"]
    return [
        f"{path}: {why}"
        for quote, header in _INCLUDE.findall(text)
        if (why := _include_error(path, folder, quote, header))
    ]


def _include_error(path: str, folder: str, quote: str, header: str) -> str | None:
    for pattern, allowed in THIRD_PARTY.items():
        if re.match(pattern, header):
            ok = path.startswith("tests/") or re.fullmatch(allowed, path)
            return None if ok else f"may not include the third-party header {header} (allowed: {allowed})"
    if quote == '"':
        target = folder_of(header)
        if target is None:
            return (
                None
                if folder == "tests" and "/" not in header
                else f'"{header}" is not a path from the root of the sources'
            )
        allowed_here = target == folder or any(
            header.startswith(entry) if entry.endswith("/") else entry in (target, header)
            for entry in INCLUDE_TABLE[folder]
        )
        return None if allowed_here else f"{folder} may not include {header}"
    if is_system(header):
        return None if "system" in INCLUDE_TABLE[folder] else f"{folder} may not include the system header {header}"
    return f"unknown third-party header {header}: add it to THIRD_PARTY" if "/" in header or "." in header else None


def check_one_file_a_folder(sources: Mapping[str, str]) -> list[str]:
    """Headers of ONE_FILE_A_FOLDER that two files of one folder include. `sources`: path to text."""
    complaints = []
    for header in ONE_FILE_A_FOLDER:
        users: dict[str, list[str]] = {}
        for path, text in sources.items():
            if any(included == header for _, included in _INCLUDE.findall(text)):
                users.setdefault(folder_of(path) or "", []).append(path)
        complaints += [f"{header} is included by {', '.join(paths)}" for paths in users.values() if len(paths) > 1]
    return complaints


def check_banned(path: str, text: str) -> list[str]:
    """Calls and types that the house style bans."""
    code = code_only(text)
    rules = BANNED + (BANNED_IN_UNIT_TESTS if path.startswith("tests/unit/") else ())
    return [
        f"{path}:{code.count(chr(10), 0, match.start()) + 1}: {match.group().strip()} is banned: {reason}"
        for pattern, reason, allowed in rules
        if not (allowed and re.fullmatch(allowed, path))
        for match in re.finditer(pattern, code)
    ]


_DECLARATION = re.compile(
    r"(?P<type>[A-Za-z_][\w:<>,\s*&\[\]]*?[\s*&>])(?P<name>\w+)(\[\w*\])?\s*(=.*|\{.*)?;?", re.DOTALL
)
_NO_VARIABLE = re.compile(
    r"\b(const|constexpr|constinit|using|typedef|extern|return|struct|class|enum|union|template|friend|namespace|case|goto)\b"
)


def check_mutable_globals(path: str, text: str) -> list[str]:
    """Variables at namespace scope, and static ones in functions, that are not constant.

    Relies on clang-format: what namespaces hold starts in column 0. A flag that a signal handler sets is allowed.
    """
    complaints = []
    for number, line in enumerate(code_only(text).splitlines(), 1):
        statement = line.rstrip()
        local = re.match(r"\s+(static|thread_local)\s+(.*)", statement)
        if local:
            statement = local[2]
        elif not re.match(r"[A-Za-z_]", statement):
            continue
        statement = re.sub(r"^((static|inline|thread_local)\s+)+", "", statement)
        if not statement.endswith((";", "{", "=")) or "(" in re.split(r"[={]", statement)[0]:
            continue
        if _NO_VARIABLE.search(re.split(r"[={]", statement)[0]) or "sig_atomic_t" in statement:
            continue
        if _DECLARATION.fullmatch(statement.rstrip("{=").rstrip()):
            complaints.append(f"{path}:{number}: a variable that is global and not constant: {statement}")
    return complaints


def check_header(path: str, text: str) -> list[str]:
    """A header opens with its paragraph, is guarded, and lives in namespace trun."""
    complaints = []
    if not text.startswith("//"):
        complaints.append(f"{path}: does not open with a comment on what it is")
    if not re.search(r"^#pragma once$", text, re.MULTILINE):
        complaints.append(f"{path}: no #pragma once")
    if not re.search(r"^namespace trun\b", text, re.MULTILINE):
        complaints.append(f"{path}: not in namespace trun")
    return complaints


def check_length(path: str, text: str) -> list[str]:
    """More lines than a file of its kind may have."""
    limit = next((most for start, end, most in MAX_LINES if path.startswith(start) and path.endswith(end)), sys.maxsize)
    lines = text.count("\n")
    return [f"{path}: {lines} lines, at most {limit} are allowed"] if lines > limit else []


def check_unfinished(path: str, text: str) -> list[str]:
    """Marks of unfinished work."""
    return [
        f"{path}:{number}: {word}"
        for number, line in enumerate(text.splitlines(), 1)
        for word in UNFINISHED
        if re.search(rf"\b{word}\b", line)
    ]


def check_tabs(path: str, text: str) -> list[str]:
    return [f"{path}:{number}: a tab" for number, line in enumerate(text.splitlines(), 1) if "\t" in line]
