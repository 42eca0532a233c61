// The scheduler's options for a number of workers, where a test wants nothing else of them.
#pragma once

#include "scheduler/scheduler.h"

namespace trun {

inline SchedulerOptions workers(unsigned count,
                                SchedulerOptions::Affinity affinity = SchedulerOptions::Affinity::item) {
  SchedulerOptions options;
  options.workers = count;
  options.affinity = affinity;
  return options;
}

}  // namespace trun
