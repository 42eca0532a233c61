// RunEvent: the one outgoing stream, all that reports know: RunStarted, CollectionFinished, then tests, workers,
// warnings, output and notices as they come, RunFinished last. Reporters fold them (reporters/run_log.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "runner/base/clock.h"
#include "runner/base/test_item.h"
#include "runner/base/test_result.h"

namespace trun::event {

/// The run has a plan. `header`: the lines of pytest's header ("platform linux -- ...", "rootdir: ...").
struct RunStarted {
  std::string run_id;
  TimePoint at{};
  std::int64_t unix_ms = 0;  ///< wall clock at `at`, milliseconds since 1970
  std::vector<std::string> header;
  std::string rootdir;
  unsigned workers = 1;
  std::string collect, lane;                                ///< "each", "once", "sharded"; "auto", "standard"
  std::vector<std::pair<std::string, unsigned>> resources;  ///< how many units there are of each; by name
  std::vector<std::string> why;  ///< why this way of collecting, this lane, this number of workers; shown with -v
};

/// A collector's report that did not simply pass: an error or a skipped module. `node_id` is the collector's.
struct CollectReport {
  NodeId node_id;
  PhaseReport report;
};

struct CollectionFinished {
  Collection collection;
  std::vector<CollectReport> reports;
  TimePoint at{};
};

struct TestFinished {
  TestResult result;
  TimePoint at{};
};

struct WorkerStarted {
  Slot slot = 0;
  int pid = 0;
  TimePoint at{};
};

/// `peak_rss` in bytes, `cpu` user + system.
struct WorkerExited {
  Slot slot = 0;
  int pid = 0;
  std::string how;  ///< "exit 0", "signal 11 (SIGSEGV)", "killed by trun (...)"
  std::uint64_t peak_rss = 0;
  Duration cpu{0};
  TimePoint at{};
};

/// The worker in `slot` did nothing wrong and is replaced by a fresh process: it ran as many tests as it may
/// (max_tests_per_worker), the next or the last one is not to share its process (isolate), it holds too much memory
/// (worker_memory), a test left what cannot be undone (leak), or what is left comes before what it has run (dist).
struct WorkerRecycled {
  enum class Cause { tests, isolation, memory, leak, order };
  Slot slot = 0;
  Cause cause = Cause::tests;
  std::string detail;  ///< "2150 MB held, 2048 MB allowed"; empty where the cause says all
  TimePoint at{};
};

/// The option that is behind it: "max_tests_per_worker", "isolate", "worker_memory", "leak", "dist".
constexpr std::string_view recycle_cause_name(WorkerRecycled::Cause cause) {
  constexpr std::string_view kNames[] = {"max_tests_per_worker", "isolate", "worker_memory", "leak", "dist"};
  return kNames[static_cast<int>(cause)];
}

/// A warning that pytest recorded; `text` is what pytest's warnings summary prints for it.
struct WarningRecorded {
  std::string when;  ///< "config", "collect", "runtest"
  NodeId node_id;    ///< empty outside tests
  std::string text;
  std::string category, filename;
  int line = 0;
};

/// A whole line that a process of the run wrote past pytest's capture, without the newline. Bytes, not always UTF-8.
struct OutputLine {
  enum class Stream { out, err };
  std::optional<Slot> slot;  ///< none: the fork server
  Stream stream = Stream::out;
  std::string line;
};

/// trun's own word to the user. `detail` is shown with -v only.
struct Notice {
  enum class Level { detail, info, warning, error };
  Level level = Level::info;
  std::string text;
};

/// What plugins wrote into pytest's summary, with colours. `parts`: in place of a part of it, by its method's name.
struct PluginSummary {
  std::string text;
  std::vector<std::pair<std::string, std::string>> parts;
};

/// record_testsuite_property.
struct SuiteProperty {
  std::string name, value;
};

/// Units of one resource that a worker holds.
struct HeldResource {
  std::string name;
  std::vector<unsigned> units;  ///< numbers, from 0
  bool shared = false;          ///< others may hold them too, and share them
  unsigned capacity = 0;        ///< so many units there are
};

/// A worker took, all at once, what a run of tests demands; `item` is the first of them. `hold` names the taking.
struct ResourcesTaken {
  std::uint64_t hold = 0;
  Slot slot = 0;
  ItemIndex item = 0;
  std::vector<HeldResource> resources;
  bool serial = false;  ///< and that nobody else is at work
  TimePoint at{};
};

/// Nobody holds any more what was taken as `hold`.
struct ResourcesReleased {
  std::uint64_t hold = 0;
  Slot slot = 0;
  TimePoint at{};
};

/// What each worker is at, a few times a second, for the live line. Not kept by the fold.
struct Progress {
  struct Running {
    Slot slot = 0;
    ItemIndex item = 0;
    Phase phase = Phase::call;
    TimePoint since{};
  };
  TimePoint at{};
  std::vector<Running> running;
  std::optional<Duration> left;  ///< time left by the estimates, if there are any
};

/// No new test starts any more. pytest's "!!!!" line: `reason` as pytest words it ("stopping after 1 failures",
/// "KeyboardInterrupt").
struct RunStopped {
  std::string reason;
};

/// Where the time of the run went. Sums over workers where not said otherwise.
struct RunFigures {
  Duration wall{0};
  Duration startup{0};          ///< from trun's start to the first worker's start
  Duration collection{0};       ///< from there until the collection was complete
  Duration scheduling_idle{0};  ///< workers between two tests: the book-keeping, and waiting for work
  Duration setup{0}, call{0}, teardown{0};
  std::vector<std::pair<Slot, double>> utilisation;  ///< share of the run phase spent in tests, 0..1
};

/// What the run held has been given back (runner/containment/cleanup_coordinator.h), but for the reports, which are
/// being written.
struct CleanupFinished {
  struct Step {
    std::string phase, name;
    std::string how;  ///< "done", "forced" (it was late), "given up"
    Duration at{0};   ///< since the request
    Duration took{0};
    std::string error;  ///< empty: none
  };
  std::string reason;  ///< why the run ended
  Duration took{0};
  std::vector<Step> steps;
};

struct RunFinished {
  int exit_code = 0;
  RunFigures figures;
  TimePoint at{};
};

}  // namespace trun::event

namespace trun {
using RunEvent =
    std::variant<event::RunStarted, event::CollectionFinished, event::TestFinished, event::WorkerStarted,
                 event::WorkerExited, event::WorkerRecycled, event::WarningRecorded, event::OutputLine, event::Notice,
                 event::PluginSummary, event::SuiteProperty, event::ResourcesTaken, event::ResourcesReleased,
                 event::Progress, event::RunStopped, event::CleanupFinished, event::RunFinished>;
}  // namespace trun
