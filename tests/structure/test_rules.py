"""Negative controls: each check of rules.py finds a bad sample, and lets a good one pass."""

from __future__ import annotations

import pytest
import rules


@pytest.mark.parametrize(
    ("path", "include", "expected"),
    [
        ("scheduler/plan.cc", '"runner/base/clock.h"', None),
        ("scheduler/plan.cc", "<vector>", None),
        ("scheduler/plan.cc", '"collectors/discover.h"', "scheduler may not include collectors/discover.h"),
        ("scheduler/plan.cc", '"runner/engine/engine.h"', "scheduler may not include runner/engine/engine.h"),
        ("scheduler/plan.cc", "<unistd.h>", "scheduler may not include the system header unistd.h"),
        ("collectors/walk.cc", "<dirent.h>", None),
        ("collectors/walk.cc", '"reporters/reporter.h"', "collectors may not include reporters/reporter.h"),
        ("runner/base/clock.h", '"runner/engine/engine.h"', "runner/base may not include runner/engine/engine.h"),
        ("runner/kernel/fd.cc", '"runner/config/config.h"', "runner/kernel may not include runner/config/config.h"),
        ("runner/containment/guardian.h", '"runner/config/config.h"', "may not include runner/config/config.h"),
        ("runner/config/config.h", '"runner/model/service.h"', None),
        ("runner/config/option.cc", '"reporters/utf8.h"', None),
        ("runner/config/option.cc", '"reporters/reporter.h"', "may not include reporters/reporter.h"),
        ("runner/config/option.cc", '"runner/ports/run_ports.h"', "may not include runner/ports/run_ports.h"),
        ("runner/engine/engine.cc", '"runner/wire/frame.h"', None),
        ("runner/engine/engine.cc", '"reporters/reporter.h"', None),
        ("runner/services/services.h", '"runner/engine/separation.h"', "may not include runner/engine/separation.h"),
        ("runner/services/services.h", '"runner/services/lifecycle/service_set.h"', None),
        ("runner/services/process/a.h", '"runner/services/services.h"', "may not include runner/services/services.h"),
        ("runner/services/lifecycle/a.h", '"runner/services/plan/service_plan.h"', None),
        ("runner/services/lifecycle/a.h", "<unistd.h>", "may not include the system header unistd.h"),
        ("runner/services/plan/a.h", '"runner/services/lifecycle/service_set.h"', "may not include runner/services/"),
        ("runner/engine/service_desk.h", '"runner/services/services.h"', None),
        ("runner/engine/a.h", '"runner/services/process/service_log.h"', "may not include runner/services/process/"),
        ("runner/config/option.cc", '"runner/commands/subcommand.h"', "may not include runner/commands/subcommand.h"),
        ("runner/main.cc", '"reporters/reporter.h"', "runner may not include reporters/reporter.h"),
        ("plugins/x.cc", '"reporters/reporter.h"', None),
        ("plugins/x.cc", '"reporters/junit.h"', "plugins may not include reporters/junit.h"),
        ("runner/kernel/event_loop.cc", "<boost/asio.hpp>", None),
        ("runner/kernel/event_loop.h", "<boost/asio.hpp>", "may not include the third-party header boost/asio.hpp"),
        ("runner/engine/engine.cc", "<boost/asio.hpp>", "may not include the third-party header boost/asio.hpp"),
        ("scheduler/plan.cc", "<boost/asio.hpp>", "may not include the third-party header boost/asio.hpp"),
        ("runner/wire/json_fields.h", "<boost/json.hpp>", None),
        ("runner/engine/engine.cc", "<boost/json.hpp>", "may not include the third-party header boost/json.hpp"),
        ("runner/config/config.cc", "<toml++/toml.h>", "may not include the third-party header toml++/toml.h"),
        ("runner/engine/junit.cc", "<pugixml.hpp>", "may not include the third-party header pugixml.hpp"),
        ("runner/engine/engine.cc", "<gtest/gtest.h>", "may not include the third-party header gtest/gtest.h"),
        ("runner/engine/engine.cc", "<fmt/core.h>", None),
        ("runner/engine/engine.cc", "<range/v3.hpp>", "unknown third-party header range/v3.hpp"),
        ("runner/engine/engine.cc", '"posix.h"', '"posix.h" is not a path from the root'),
        ("tests/unit/runner/a_test.cc", '"helper.h"', None),
        ("elsewhere/a.cc", "<vector>", "belongs to no folder"),
    ],
)
def test_includes(path: str, include: str, expected: str | None) -> None:
    found = rules.check_includes(path, f"// first\n#include <string>\n# include {include}\n")
    assert (expected in found[0] and len(found) == 1) if expected else found == []


def test_libuv_in_two_files_of_a_folder() -> None:
    use = "#include <uv.h>\n"
    assert rules.check_one_file_a_folder({"collectors/a.cc": use, "runner/base/b.cc": use, "collectors/c.cc": ""}) == []
    assert rules.check_one_file_a_folder({"collectors/a.cc": use, "collectors/b.cc": use}) == [
        "uv.h is included by collectors/a.cc, collectors/b.cc"
    ]


@pytest.mark.parametrize(
    "code",
    [
        "  waitpid(-1, &status, 0);",
        "  ::wait4( -1, 0, 0, 0);",
        "  return system(command);",
        "  ::std::system(command);",
        '  FILE* out = popen("ls", "r");',
        "  uv_spawn(loop, &process, &options);",
        "  uv_signal_init(loop, &signal);",
        "  run(uv_default_loop());",
        "  std::thread t(run);",
        "  std::jthread t(run);",
        "  process.async_execute();",
        "  std::shared_ptr<int> p;",
        "  auto p = std::make_shared<int>(1);",
        "  return {std::istreambuf_iterator<char>(file), {}};",
        "using namespace std;",
    ],
)
def test_banned_calls(code: str) -> None:
    assert [line.partition(": ")[0] for line in rules.check_banned("runner/a.cc", f"int a;\n{code}\n")] == [
        "runner/a.cc:2"
    ]


@pytest.mark.parametrize(
    "code",
    [
        "  waitpid(pid, &status, 0);",
        "  boost::system::error_code error;",
        "  error = message.system(1);",
        "  // waitpid(-1) steals",
        '  say("std::thread \\" popen(");',
        '  say(R"(system(1))");',
        "  this_thread_is(1);",
        "  using namespace boost::asio::experimental::awaitable_operators;",
    ],
)
def test_what_only_looks_banned(code: str) -> None:
    assert rules.check_banned("runner/a.cc", code + "\n") == []


def test_bans_by_place() -> None:
    assert rules.check_banned("collectors/watch.cc", "std::thread t;") == []
    assert rules.check_banned("tests/supervision/a.cc", "usleep(1);") == []
    assert len(rules.check_banned("tests/unit/runner/a_test.cc", "std::this_thread::sleep_for(1ms);")) == 1


def test_code_only_keeps_line_numbers() -> None:
    assert rules.code_only("a /* b\nc */ d // e\n\"f\\\"g\" 1'000'000 'h'") == 'a \n d \n"" 1\'000\'000 ""'


@pytest.mark.parametrize(
    "code",
    [
        "int counter;",
        "int counter = 0;",
        "static std::vector<int> seen;",
        "std::atomic<bool> stopped{false};",
        "char buffer[100];",
        "std::map<std::string, int> table = {",
        "thread_local int depth = 0;",
        "Engine* engine = nullptr;",
        "  static int calls = 0;",
        "  static std::string cache;",
    ],
)
def test_mutable_globals(code: str) -> None:
    assert len(rules.check_mutable_globals("runner/a.cc", f"namespace trun {{\n{code}\n}}\n")) == 1


@pytest.mark.parametrize(
    "code",
    [
        "constexpr int kLimit = 3;",
        "const std::string_view kNames[] = {",
        "static constexpr int kLimit = 3;",
        "inline constexpr std::array<int, 2> kPair{1, 2};",
        "using Args = std::vector<std::string>;",
        "struct Config;",
        "enum class Lane { a, b };",
        "int run(int argc);",
        "std::string text() { return {}; }",
        "TEST(A, B) {",
        "extern char** environ;",
        "volatile std::sig_atomic_t got_signal = 0;",
        "  int local = 0;",
        "  static const std::vector<int> kAll = make();",
        "  static Result<Fd> open(const char* path);",
        "namespace fs = std::filesystem;",
        "class Engine {",
        "template <typename T>",
        "}  // namespace trun",
    ],
)
def test_what_is_no_mutable_global(code: str) -> None:
    assert rules.check_mutable_globals("runner/a.cc", code + "\n") == []


def test_headers() -> None:
    good = "// What it is.\n#pragma once\n\nnamespace trun {}\n"
    assert rules.check_header("a.h", good) == []
    assert rules.check_header("a.h", good.replace("// What it is.\n", "")) == [
        "a.h: does not open with a comment on what it is"
    ]
    assert rules.check_header("a.h", good.replace("#pragma", "// #pragma")) == ["a.h: no #pragma once"]
    assert rules.check_header("a.h", good.replace("trun", "other")) == ["a.h: not in namespace trun"]


@pytest.mark.parametrize(
    ("path", "limit"),
    [("runner/a.cc", 400), ("runner/a.h", 200), ("tests/a.py", 400), ("plugins/python/trun_worker/a.py", 300)],
)
def test_length(path: str, limit: int) -> None:
    assert rules.check_length(path, "\n" * limit) == []
    assert rules.check_length(path, "\n" * (limit + 1)) == [f"{path}: {limit + 1} lines, at most {limit} are allowed"]


def test_unfinished() -> None:
    for word in rules.UNFINISHED:
        assert rules.check_unfinished("a", f"one\n// {word}: two\n") == [f"a:2: {word}"]
    assert rules.check_unfinished("a", "trun-" + "X" * 6 + " mastodon\n") == []


def test_tabs() -> None:
    assert rules.check_tabs("a", "one\n\ttwo\n") == ["a:2: a tab"]
