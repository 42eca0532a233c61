// Deadlines: which limit of a worker has been passed. Pure: it is told what the worker is at and for how long, and
// decides; who is stopped and how is the supervisor's.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "runner/base/clock.h"
#include "runner/base/outcome.h"

namespace trun {

/// Zero: no limit.
struct TimeLimits {
  Duration test{0};      ///< one test, from set-up to teardown, unless it has a limit of its own
  Duration collect{0};   ///< the start of a session, and the import and collection of one file
  Duration finish{0};    ///< session finish and unconfigure
  Duration shutdown{0};  ///< threads that are joined, atexit handlers and the exit of the interpreter
};

/// What a worker is at.
struct Activity {
  Phase phase = Phase::idle;
  Duration in_phase{0};               ///< since the phase began, or since the last file in Phase::collect
  Duration in_test{0};                ///< since the test at work began; in its phases only
  std::optional<Duration> own_limit;  ///< of the test at work (marker `timeout`)
  bool has_work = false;              ///< tests in its queue, or one at work
};

/// The limit that `activity` has passed; empty: none.
std::optional<Duration> passed_limit(const Activity& activity, const TimeLimits& limits);

/// A clock that stands still while the run is stopped (Ctrl-Z).
class PausableClock {
 public:
  /// The run stood still from `begin` until `end`. Pauses come in order and do not overlap.
  void paused(TimePoint begin, TimePoint end) { pauses_.push_back({begin, end}); }
  /// Pauses that were to last until TimePoint::max() end now.
  void goes_on(TimePoint now) {
    for (Pause& pause : pauses_) pause.end = std::min(pause.end, std::max(pause.begin, now));
  }
  /// How much time the run has had between the two.
  Duration between(TimePoint since, TimePoint now) const;

 private:
  struct Pause {
    TimePoint begin, end;
  };
  std::vector<Pause> pauses_;
};

}  // namespace trun
