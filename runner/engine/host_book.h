// HostBook: what the engine keeps for the sake of the plugin host. Owned by the Engine, worked on in host.cc.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runner/base/test_result.h"
#include "runner/workers/worker_process.h"
#include "scheduler/step.h"

namespace trun {

struct HostBook {
  struct End {
    WorkerProcess* worker = nullptr;
    worker_event::Exited event;
    TimePoint at{};
  };
  std::vector<End> exits;            ///< of workers of whose end neither host nor scheduler has heard
  std::vector<End> crashes;          ///< those that the host looks at; the scheduler has not heard of them
  std::set<ItemIndex> told_crashes;  ///< tests in which a worker died, as the host knows
  std::map<ItemIndex, std::vector<PhaseReport>> reruns;  ///< reports on crashes after which a test is run once more
  /// Removes and returns those on `item`, for its verdict.
  std::vector<PhaseReport> take_reruns(ItemIndex item) {
    auto found = reruns.extract(item);
    return found ? std::move(found.mapped()) : std::vector<PhaseReport>();
  }
  /// What the collector said of its process. The host knows it as the first of slot 0; those that are forked off it say
  /// nothing themselves.
  std::string collector_info;
  bool grouped = false;  ///< tests stay together by a scheduler of the user's own
  std::optional<std::string> stop_reason;
  bool ending = false;  ///< it was told to end: from now on Ctrl-C is its, too
};

}  // namespace trun
