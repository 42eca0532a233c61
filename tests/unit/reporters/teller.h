// Teller: what Reports is to a reporter, for one reporter.
#pragma once

#include <utility>

#include "reporters/reporter.h"

namespace trun {

/// Tells a reporter of a run, one event after the other.
class Teller {
 public:
  explicit Teller(Reporter& reporter) : reporter_(reporter) {}
  Status tell(RunEvent event) {
    log_.fold(event);
    return reporter_.on_event(event, log_);
  }

 private:
  Reporter& reporter_;
  RunLog log_;
};

}  // namespace trun
