// Lingering: what is left of workers that died while they held resources. These are given to others once nothing of the
// dead lives that could still use them: its process group, and what left the group and was attributed to it
// (orphans.h).
#pragma once

#include <algorithm>
#include <functional>
#include <vector>

#include "runner/workers/crew.h"

namespace trun {

class Lingering {
 public:
  /// `worker` died at `now` and its group was sent SIGKILL.
  void add(const WorkerProcess& worker, TimePoint now) { dead_.push_back({&worker, now, false}); }
  /// Whose groups are gone by now. What these left behind is an orphan from then on: to be called before orphans are
  /// looked for.
  void look();
  /// The workers of which nothing is left any more, `has_orphans` says; each once. A process that the kernel does not
  /// let go is waited for no longer than kPatience.
  std::vector<const WorkerProcess*> gone(const std::function<bool(const WorkerProcess&)>& has_orphans, TimePoint now);

  /// Whether `worker` was added and is not gone.
  bool has(const WorkerProcess& worker) const {
    return std::any_of(dead_.begin(), dead_.end(), [&](const Dead& dead) { return dead.worker == &worker; });
  }

 private:
  static constexpr Duration kPatience = std::chrono::seconds(5);

  struct Dead {
    const WorkerProcess* worker = nullptr;
    TimePoint since{};
    bool group_gone = false;
  };

  std::vector<Dead> dead_;
};

}  // namespace trun
