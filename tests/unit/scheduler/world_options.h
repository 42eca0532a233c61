// WorldOptions: what a simulated run is like, and how likely which trouble is in it (world.h).
#pragma once

#include <optional>
#include <vector>

#include "scheduler/scheduler.h"

namespace trun {

struct WorldOptions {
  SchedulerOptions scheduler;
  double dies_under_test = 0, dies_between = 0, dies_early = 0, unavailable = 0;
  double fails = 0, stops_session = 0, loses_items = 0, lingers = 0, wears_out = 0;
  Duration longest_latency = std::chrono::microseconds(500);
  std::optional<Duration> stop_at;
  bool check_idle = false;
  std::vector<Duration> durations;  ///< by item
  std::vector<Slot> owners;         ///< by file, sharded
};

}  // namespace trun
