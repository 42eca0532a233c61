// Safeguards: the mechanisms that keep a run's promises, each with a switch that is on. No option of trun turns one
// off: only the tests' own main (tests/supervision/trun_without.cc) does, to show that the check of it can fail.
#pragma once

namespace trun {

struct Safeguards {
  bool sweep = true;    ///< what tests and dead workers leave behind is ended
  bool kill = true;     ///< SIGKILL for who outlives SIGTERM by the grace
  bool verdict = true;  ///< what a test says after it was stopped counts no more
};

}  // namespace trun
