// The frames between engine and fork server as plain structs, with the names of docs/protocol.md. protocol.h turns them
// into bytes and back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "runner/base/test_item.h"
#include "runner/wire/host_frames.h"
#include "runner/wire/pytest_options.h"

namespace trun {

/// The text of one JSON value.
using JsonText = std::string;

/// An implementation of a hook beyond pytest's own.
struct HookFact {
  std::string hook, plugin, distribution, version, path;
  bool known = false;  ///< the worker package's table knows it as harmless
};

// ---- fork server -> engine

struct IniValues {
  std::vector<std::string> python_files, norecursedirs, python_functions, python_classes;
  std::string junit_suite_name, junit_family, junit_logging, junit_duration_report;
  bool junit_log_passing_tests = true;
  std::string cache_dir, console_output_style;
};

struct Configured {
  int version = 0;
  std::string pytest, python, executable;
  std::vector<std::string> header;
  std::string rootdir;
  std::optional<std::string> inipath;
  std::string invocation_dir;
  std::vector<std::string> args;
  std::string args_source;  ///< "ARGS", "INVOCATION_DIR", "TESTPATHS"
  /// xdist's options that addopts and PYTEST_ADDOPTS have, as on a command line: {"--dist", "loadfile"}, {"-d", ""}.
  std::vector<std::pair<std::string, std::string>> xdist;
  std::optional<int> auto_workers;  ///< for -n auto and -n logical, where environment or plugins say
  IniValues ini;
  PytestOptions options;
  std::vector<HookFact> hooks;
  std::vector<std::string> conftests, against_sharded, against_once, against_fast_lane, solo;
  std::vector<std::string> host;  ///< why somebody needs a plugin host
  bool names_junit = false;       ///< a hook may say where the JUnit report is to be: the project mentions `xmlpath`
  bool names_workers = false;     ///< the project may name something after the worker that it is in
  int twin = 0;                   ///< pid of the process from which fresh workers are forked; 0: there is none
  Duration imports{0};            ///< what importing the user's plugins and conftests took
  /// What these imports bound to the process, a sentence each; and what plugins had bound to it before.
  std::vector<std::string> bound, bound_plugins;
  JsonText worker_input = "{}";                ///< what plugins would have told each worker
  std::vector<EnvironmentChange> environment;  ///< what these imports have changed, for workers to inherit
  bool own_variables = false;                  ///< imports have read a variable that only trun's workers have
  bool all_variables = false;                  ///< imports have read the whole environment
  bool timeout_plugin = false;                 ///< pytest-timeout is active
  std::vector<std::string> markers;
  std::vector<std::pair<std::string, double>> durations;  ///< of earlier runs: seconds, by file or slow test
  /// What imports bound to their process in an earlier run, where the file is as it was: its path, a sentence.
  std::vector<std::pair<std::string, std::string>> bound_before;
};

struct Usage {
  int exit = 4;
  bool no_pytest = false;  ///< pytest cannot be imported there; nothing was written
};
struct Forked {
  std::uint64_t request = 0;
  int pid = 0;
  int server = 0;  ///< who serves from here on; 0: as before
};
struct ForkFailed {
  std::uint64_t request = 0;
  std::string error;
};
struct CacheSaved {
  std::optional<std::string> error;
};

/// The base temporary directory of the run; none: pytest makes none.
struct Basetemp {
  std::optional<std::string> path;
};

using FromServer = std::variant<Configured, Usage, Forked, ForkFailed, CacheSaved, Basetemp>;

// ---- engine -> fork server

struct Hello {
  std::vector<std::string> args;
  std::vector<std::string> argv;  ///< trun's own, without the name of the program
  std::optional<bool> workers;    ///< whether there are to be workers (-n 0: no); none: not said
  int columns = 80;
  bool color = false;
  std::string cwd;
  bool import_cwd = false;  ///< `cwd` stands first on sys.path
  /// What the process is launched for. A worker gets a `fork` frame next, before it imports anything.
  enum class Role { server, worker } role = Role::server;
  bool observe = false;  ///< whether it watches what imports bind to the process
  bool twin = false;     ///< a descriptor comes with this frame: the socket of the twin that it is to leave
  std::vector<std::string> per_worker;  ///< names of variables that differ from worker to worker
  std::optional<Duration> timeout;      ///< --timeout on the command line
};

struct MakeBasetemp {};

struct Fork {
  enum class Role { worker, collector, host } role = Role::worker;
  std::uint64_t request = 0;
  int fds = 5;            ///< descriptors that are sent with this frame
  bool basetemp = false;  ///< the run's base temporary directory is made now, before the workers need it
  /// The process that has the frame becomes it, and leaves a fork of itself to serve: what imports have bound to the
  /// process stays with who has imported it.
  bool in_place = false;
};

/// Of the whole run: it refers to the ids that others keep.
struct SaveCache {
  std::vector<std::pair<std::string_view, std::string_view>> results;
  std::vector<std::string_view> collected, failed_collect;
  std::vector<std::pair<std::string, double>> durations;   ///< seconds, by file or slow test
  std::vector<std::pair<std::string, std::string>> bound;  ///< Collected::bound_again
};

struct Exit {};

}  // namespace trun
