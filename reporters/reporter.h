// A reporter: takes the stream of RunEvents, one at a time, in order. It writes its report while the run goes on (the
// terminal, the event log) or at the end (JUnit, metrics). Reporters never talk to each other; the failure of
// one is reported by the engine and silences no other.
#pragma once

#include "reporters/run_log.h"
#include "runner/base/result.h"
#include "runner/base/run_event.h"

namespace trun {

class Reporter {
 public:
  virtual ~Reporter() = default;
  /// Name for error messages: "junit", "terminal".
  virtual const char* name() const = 0;
  /// `log` is the run up to this event and with it; it is the same one each time. An Error means that this reporter is
  /// of no more use; it gets no further event.
  virtual Status on_event(const RunEvent& event, const RunLog& log) = 0;
};

}  // namespace trun
