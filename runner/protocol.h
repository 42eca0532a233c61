// The frames of docs/protocol.md as plain structs, with the names that stand there. Decoding is strict in what is needed (a type
// that does not exist, a field that is missing or of the wrong kind is an Error that names frame and field) and ignores
// fields it does not know. Knows no sockets, and draws no conclusions from what a frame says. Boost.JSON stays in the .cc files;
// what is open-ended on the wire travels as JSON text here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "runner/base/clock.h"
#include "runner/base/result.h"
#include "runner/base/run_event.h"
#include "runner/base/test_item.h"
#include "runner/base/test_result.h"

namespace trun {

constexpr int kProtocolVersion = 1;

/// The text of one JSON value.
using JsonText = std::string;

/// An implementation of a hook beyond pytest's own.
struct HookFact {
  std::string hook, plugin, distribution, version, path;
  bool known = false;  ///< the worker package's table knows it as harmless
};

// ---- fork server -> engine

struct IniValues {
  std::vector<std::string> python_files, norecursedirs;
  std::string junit_suite_name, junit_family, junit_logging, junit_duration_report;
  bool junit_log_passing_tests = true;
  std::string cache_dir, console_output_style;
};

struct PytestOptions {
  int verbose = 0;
  std::string reportchars, tbstyle;
  std::optional<int> durations;
  std::optional<double> durations_min;  ///< seconds
  std::string color, capture;
  int maxfail = 0;
  std::string showcapture;
  bool no_header = false, no_summary = false, disable_warnings = false, continue_on_collection_errors = false;
  std::optional<std::string> xmlpath;
  std::string junitprefix;
  std::optional<int> max_warnings;
  bool cache = true;
  std::string keyword, markexpr, importmode;
  std::vector<std::string> ignore, ignore_glob;
  bool fold_skipped = true;
};

struct Configured {
  int version = 0;
  std::string pytest, python, executable;
  std::vector<std::string> header;
  std::string rootdir;
  std::optional<std::string> inipath;
  std::string invocation_dir;
  std::vector<std::string> args;
  std::string args_source;                  ///< "ARGS", "INVOCATION_DIR", "TESTPATHS"
  std::optional<std::string> numprocesses;  ///< from addopts: "4", "auto", "logical"
  IniValues ini;
  PytestOptions options;
  std::vector<HookFact> hooks;
  std::vector<std::string> conftests, against_sharded, against_once, against_fork, against_fast_lane, solo;
  int threads = 1;
  std::vector<std::string> markers;
};

struct Usage { int exit = 4; };
struct Forked { std::uint64_t request = 0; int pid = 0; };
struct ForkFailed { std::uint64_t request = 0; std::string error; };
struct CacheSaved { std::optional<std::string> error; };

using FromServer = std::variant<Configured, Usage, Forked, ForkFailed, CacheSaved>;

// ---- worker -> engine

struct ReadyFrame { std::vector<HookFact> hooks; std::vector<std::string> against_sharded; };

/// `line` is -1 where there is none.
struct CollectedItem { NodeId node_id; int line = -1; std::string group; };

struct Collected {
  std::vector<CollectedItem> items;
  std::size_t deselected = 0;
  std::vector<event::CollectReport> reports;
  int testsfailed = 0;
  std::optional<std::string> stopped;
  std::vector<std::string> lane;  ///< why the fast lane is off
  std::size_t fast = 0;
  std::vector<std::string> against_sharded;
};

struct NeedFrame { std::uint64_t ordinal = 0; };

/// `result` has times, reports and the outcome that these add up to; item, slot and attempt are the engine's to fill in.
struct ResultFrame { std::uint64_t ordinal = 0; NodeId node_id; TestResult result; };

struct WarningFrame { event::WarningRecorded warning; };
struct SuitePropertyFrame { event::SuiteProperty property; };
struct StoppedFrame {
  enum class Kind { exit, interrupted, failed, internal } kind = Kind::failed;
  std::string reason;
  int exit = 1;
};
struct Question { std::uint64_t id = 0; std::string name; JsonText args; };
struct DoneFrame { int exit = 0; JsonText workeroutput; bool written = false; };

using FromWorker = std::variant<ReadyFrame, Collected, NeedFrame, ResultFrame, WarningFrame, SuitePropertyFrame, StoppedFrame,
                                Question, DoneFrame>;

/// One payload, as FrameDecoder gives it.
Result<FromServer> decode_from_server(std::string_view payload);
Result<FromWorker> decode_from_worker(std::string_view payload);

// ---- engine -> fork server

struct Hello {
  std::vector<std::string> args;
  std::optional<std::string> numprocesses;  ///< a number travels as a number
  int columns = 80;
  bool color = false;
  std::string cwd;
};

struct Fork {
  enum class Role { worker, collector } role = Role::worker;
  std::uint64_t request = 0;
  int fds = 5;  ///< descriptors that are sent with this frame
};

struct SaveCache {
  std::vector<std::pair<NodeId, std::string>> results;
  std::vector<NodeId> collected, failed_collect;
  std::vector<std::pair<std::string, double>> durations;  ///< seconds, by file
};

struct Exit {};

// ---- engine -> worker

/// Which files this worker collects: those that `owner` gives to its slot, the others by a rule over `count`; with `only`, just these.
struct Shard {
  std::vector<std::pair<std::string, Slot>> owner;
  unsigned count = 1;
  std::optional<std::vector<std::string>> only;
};

struct Start {
  int engine_pid = 0;
  Slot slot = 0;
  std::string worker_id = "gw0";
  unsigned worker_count = 1;
  std::string testrunuid;
  bool workerinput = true, attached = false;
  std::string terminal = "trun", lane = "auto", collect = "each";
  std::optional<Shard> shard;
  std::vector<std::pair<std::string, std::string>> env;
  int attempt = 1, columns = 80;
  bool color = false;
  int maxfail = 0;
  std::optional<std::string> basetemp;
  JsonText config_map = "{}";
  bool want_location = false, want_fixtures = false;
  unsigned failed_before = 0;
};

struct Collect { std::vector<std::string> paths; };

struct Assign {
  std::vector<NodeId> items;
  unsigned low = 1;
  bool end = false;
  JsonText leases = "{}", deadlines = "{}";
  int attempt = 1;
};

struct Answer { std::uint64_t id = 0; JsonText value = "null"; };
struct Finish {};

/// A whole frame, length included. Bytes that are not UTF-8 are replaced by U+FFFD; a JsonText that is none by null.
std::string encode(const Hello& frame);
std::string encode(const Fork& frame);
std::string encode(const SaveCache& frame);
std::string encode(const Exit& frame);
std::string encode(const Start& frame);
std::string encode(const Collect& frame);
std::string encode(const Assign& frame);
std::string encode(const Answer& frame);
std::string encode(const Finish& frame);

}  // namespace trun
