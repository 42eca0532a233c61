// How a test ended: every ending there is, each with its reason. A test has exactly one Outcome, whatever
// dies. Names are pytest's where pytest has one, the field's otherwise.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "runner/base/clock.h"

namespace trun {

/// Where in a test's life a worker is. The numbers are on the wire (docs/protocol.md, status page).
enum class Phase : unsigned {
  idle = 0,
  start = 1,    ///< configure and session start
  collect = 2,  ///< importing and collecting
  setup = 3,
  call = 4,
  teardown = 5,
  finish = 6,  ///< session finish and unconfigure
  exit = 7,    ///< threads that are joined, atexit handlers, the interpreter's exit
};

std::string_view phase_name(Phase phase);

namespace outcome {
struct Passed {};
struct Failed {};
struct Skipped {};
struct Xfailed {};
struct Xpassed {};
/// Set-up or teardown failed (pytest's "error").
struct Errored {};
/// The worker died of a signal under the test. `where`: the innermost Python frame, "test_a.py:3 in test_x"; empty
/// where nobody could say.
struct Crashed {
  int signal = 0;
  Phase phase = Phase::call;
  std::string where = {};
};
/// Still at work when its limit had passed (zero: the whole run's), and stopped for it.
struct TimedOut {
  Phase phase = Phase::call;
  Duration limit{0};
};
struct OutOfMemory {
  std::string detail;
};
/// The process ended by itself in the middle of the test (os._exit, C exit()).
struct PrematureExit {
  int code = 0;
  Phase phase = Phase::call;
};
struct Leaked {
  std::string detail;
};
/// The worker went mute or spoke nonsense and was killed.
struct WorkerLost {
  std::string detail;
};
/// Never started, or found no worker: not a verdict on the test.
struct NotRun {
  std::string reason;
};
/// What it needs was not to be had, or died under it: no verdict on the code that it tests.
struct Infrastructure {
  std::string detail;
};
}  // namespace outcome

using Outcome =
    std::variant<outcome::Passed, outcome::Failed, outcome::Skipped, outcome::Xfailed, outcome::Xpassed,
                 outcome::Errored, outcome::Crashed, outcome::TimedOut, outcome::OutOfMemory, outcome::PrematureExit,
                 outcome::Leaked, outcome::WorkerLost, outcome::NotRun, outcome::Infrastructure>;

/// One word for reports: "passed", "failed", "skipped", "xfailed", "xpassed", "error", "crashed", "timed_out",
/// "out_of_memory", "premature_exit", "leaked", "worker_lost", "not_run", "infrastructure".
std::string_view outcome_name(const Outcome& outcome);

/// The sentence a person reads: "crashed (signal 11, SIGSEGV) in call"; empty for pytest's own outcomes.
std::string outcome_reason(const Outcome& outcome);

/// Whether the outcome makes the run fail (exit 1).
bool is_bad(const Outcome& outcome);

}  // namespace trun
