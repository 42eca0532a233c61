// The frames between engine and worker as plain structs, with the names of docs/protocol.md. protocol.h turns them into
// bytes and back. What is open-ended on the wire travels as JSON text here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "runner/base/run_event.h"
#include "runner/base/session_end.h"
#include "runner/base/test_item.h"
#include "runner/base/test_result.h"
#include "runner/wire/collected_frames.h"
#include "runner/wire/host_frames.h"
#include "runner/wire/server_frames.h"

namespace trun {

// ---- worker -> engine

struct ReadyFrame {
  std::vector<HookFact> hooks;
  std::vector<std::string> against_sharded;
  std::string info;  ///< packed, for the plugin host; empty: there is none
};

/// Packed, for the plugin host.
struct RelayFrame {
  std::string text;
};

/// A file is about to be imported.
struct CollectingFrame {
  std::string path;  ///< as in node ids
  std::string file;  ///< absolute
};

struct NeedFrame {
  std::uint64_t ordinal = 0;
};

/// `result` has times, reports and the outcome that these add up to; item, slot and attempt are the engine's to fill
/// in.
struct ResultFrame {
  std::uint64_t ordinal = 0;
  NodeId node_id;
  TestResult result;
  bool silent = false;  ///< a plugin ran the item and reported nothing at all
};

struct WarningFrame {
  event::WarningRecorded warning;
};
struct SuitePropertyFrame {
  event::SuiteProperty property;
};
struct StoppedFrame {
  enum class Kind { exit, interrupted, failed, internal } kind = Kind::failed;
  std::string reason;
  int exit = 1;
  std::string where, traceback;  ///< InternalError's, of the kind `internal`
};
/// What it is about is named by `name`: runner/workers/questions.h.
struct Question {
  std::uint64_t id = 0;
  std::string name;
  JsonText args;
};
/// It runs nothing from `ordinal` on, and gives that back.
struct GaveBackFrame {
  std::uint64_t ordinal = 0;
  event::WorkerRecycled::Cause cause = event::WorkerRecycled::Cause::memory;
  std::string detail;
};
struct DoneFrame {
  SessionEnd end;
  std::string workeroutput;  ///< packed, for the plugin host
  bool written = false;
  std::vector<std::string> threads;   ///< that it waits for before it exits
  std::vector<NodeId> handlers;       ///< tests that have registered atexit handlers
  std::vector<std::string> standard;  ///< why tests took the standard lane
};

/// Forked and ForkFailed come from a collector, of which workers are forked as of the server.
using FromWorker =
    std::variant<ReadyFrame, Collected, NeedFrame, ResultFrame, WarningFrame, SuitePropertyFrame, StoppedFrame,
                 GaveBackFrame, Question, DoneFrame, Forked, ForkFailed, CollectingFrame, RelayFrame, CollectedPart>;

// ---- engine -> worker

/// An import that another worker's file makes: `module` dotted, with leading dots if relative.
struct ModuleImport {
  std::string module;
  std::vector<std::string> names;  ///< of `from module import names`
  bool optional = false;           ///< the file goes on without it
};

/// What a worker looks up before it leaves a file unimported (collectors/module_effects.h).
struct ImportAssumption {
  std::string kind;  ///< "read", "value", "inert" or "base"
  std::string name;  ///< dotted, with leading dots if relative
};

/// What a worker imports in place of a file that another collects.
struct OthersImport {
  std::string path;                                  ///< absolute
  std::optional<std::vector<ModuleImport>> modules;  ///< none: the file itself
  std::vector<ImportAssumption> assumes = {};        ///< if one does not hold, the file itself all the same
};

/// Which files this worker collects: those that `owner` gives to its slot, the others by a rule over `count`; with
/// `only`, just these.
struct Shard {
  std::vector<std::pair<std::string, Slot>> owner;
  unsigned count = 1;
  std::optional<std::vector<std::string>> only;
  std::vector<OthersImport> imports;  ///< in pytest's order
};

struct Start {
  int engine_pid = 0;
  Slot slot = 0;
  std::string worker_id = "gw0";
  unsigned worker_count = 1;
  std::string testrunuid;
  bool workerinput = true, attached = false;
  bool fresh = false;    ///< it imports what is the user's itself; false: it was forked after that
  bool observe = false;  ///< whether it watches what imports bind to the process
  std::string role = "worker", terminal = "trun", lane = "auto", collect = "each";
  std::optional<Shard> shard;
  std::vector<std::pair<std::string, std::string>> env;
  int attempt = 1, columns = 80;
  bool color = false;
  int maxfail = 0;
  std::optional<std::string> basetemp;
  /// Of the plugin host: whether there is one, what it has put into `workerinput` (packed), what it has changed in its
  /// environment.
  bool host = false;
  std::string config_map;
  JsonText worker_input = "{}";  ///< of a fresh worker: what plugins would have told it (Configured::worker_input)
  std::vector<EnvironmentChange> inherited;
  std::string xmlpath;  ///< the JUnit report that the command line or a file of trun's names; empty: none
  bool want_location = false, want_xfail_text = false, want_group = false, want_xml = false;
  bool want_host = false, want_items = false;  ///< what the plugin host is to hear: of tests, and where items are
  std::vector<std::string> want_marks;         ///< names of markers that are to be told
  unsigned failed_before = 0;
  std::uint64_t address_space = 0;  ///< bytes that the process may ask for beyond what it has at its start; 0: no limit
  int stacks_signal = 0;            ///< on which the worker writes the stacks of its threads
  /// Files that are not to be imported: (path, why), path absolute.
  std::vector<std::pair<std::string, std::string>> broken;
  std::vector<std::string> leaks;  ///< kinds of leaks to look for
  /// How it keeps out of other workers' way (separation.h).
  std::string network = "host";
  bool private_tmpdir = false, private_home = false;
  std::vector<std::string> once;  ///< session fixtures that are executed once for all
  /// What wears it out: resident bytes between two tests (0: any number), and leaks of these kinds.
  std::uint64_t worn_memory = 0;
  std::uint64_t section_limit = 0;  ///< bytes; zero: none
  std::vector<std::string> worn_leaks;
  std::vector<NodeId> left_out;  ///< items that are deselected: others have run them
};

struct Assign {
  std::vector<NodeId> items;
  unsigned low = 1;
  bool end = false;
  JsonText leases = "{}", deadlines = "{}";
  int attempt = 1;
  /// With `end`: what is likely to follow all the same.
  std::optional<NodeId> next{};
  /// Of `items`: those that must not begin before they are let in.
  std::vector<NodeId> services{};
  /// (place in `items`, how many items of the same id come before it in the collection), where there are some.
  std::vector<std::pair<std::size_t, unsigned>> repeats{};
};

/// To the question with that id: a value, or why there is none.
struct Answer {
  std::uint64_t id = 0;
  JsonText value = "null";
  std::optional<std::string> error;
  int fds = 0;  ///< descriptors that are sent with this frame
};
struct Finish {};

}  // namespace trun
