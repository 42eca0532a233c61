// Native discovery: which test files there are and how heavy each is, before Python has even started. It orders and
// balances the work; it never decides what is a test. pytest collects every file itself, and a file that
// this walk does not foresee still has an owner (docs/architecture.md). The rules are pytest's (main.py, python.py of
// pytest 8 and 9): entries sorted by name, norecursedirs, --ignore, --ignore-glob, virtualenvs, python_files.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "collectors/module_effects.h"

namespace trun {

/// pytest's effective settings that say where tests are looked for.
struct DiscoverOptions {
  std::vector<std::string> python_files = {"test_*.py", "*_test.py"};
  std::vector<std::string> norecursedirs = {"*.egg", ".*",           "_darcs", "build", "CVS",
                                            "dist",  "node_modules", "venv",   "{arch}"};
  std::vector<std::string> ignore;       ///< absolute paths
  std::vector<std::string> ignore_glob;  ///< absolute patterns
  bool collect_in_virtualenv = false;
  bool files_first = false;     ///< of a directory before those below it: pytest 7
  std::size_t max_entries = 0;  ///< directory entries read after which the walk stops; 0: unlimited
};

/// What the text of one file says. Counts are estimates for ordering; facts that decide are those that cannot be
/// missed: a text that mentions a name counts as using it.
struct SourceScan {
  unsigned tests = 0;  ///< functions and methods that look like tests, times literal parametrize rows
  bool wide_params =
      false;  ///< a fixture or parametrize of scope package or session with params: pytest reorders tests across files
  bool isolates = false;            ///< the names `trun` and `isolate`: a marker may ask for a process of its own
  bool sees_collection = false;     ///< reads `session.items` or `testscollected`
  bool names_subclasses = false;    ///< `__subclasses__`: a class may be asked who inherits from it
  bool names_plugins = false;       ///< `pytest_plugins`: they are the whole session's once the file is collected
  ModuleEffects effects;            ///< of importing it
  bool rootless_duplicate = false;  ///< reserved for discover(): another file has the same module name, no package
};

struct FoundFile {
  std::string path;  ///< absolute, as the directory walk reached it (symlinks not resolved)
  SourceScan scan;
};

struct FoundConftest {
  std::string path;
  /// pytest hooks that the text may implement ("pytest_collection_modifyitems"), and words that matter to the choice of
  /// how to collect: "session.items", "testscollected", "collect_ignore", "collect_ignore_glob", "workerinput",
  /// "PYTEST_XDIST", and "import *", "exec", "globals" (hooks may come from there unnamed) and "wide_params". All of
  /// them: conftest_scan.h.
  std::vector<std::string> mentions;
};

struct Discovery {
  std::vector<FoundFile> files;          ///< in pytest's order
  std::vector<FoundConftest> conftests;  ///< of the walked trees and of the parents of the arguments up to `rootdir`
  /// Pairs of files that pytest's prepend and append modes would import under one module name. Two packages of one name
  /// are named by their __init__.py.
  std::vector<std::pair<std::string, std::string>> duplicate_modules;
  bool complete = true;  ///< false: max_entries was reached, and there may be more
};

/// Walks `args` (pytest's: paths, with or without "::" parts; relative to `cwd`, which is walked if there are none)
/// under the rules. Unreadable files and directories are left out: pytest will say what is wrong with them. `rootdir`
/// may be empty (then only cwd's parents of the arguments are looked at).
Discovery discover(const std::vector<std::string>& args, const std::string& cwd, const std::string& rootdir,
                   const DiscoverOptions& options);

}  // namespace trun
