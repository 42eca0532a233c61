#include "runner/workers/oom_watch.h"

#include <algorithm>
#include <csignal>
#include <utility>

namespace trun {

void OomWatch::tick(TimePoint now) {
  if (now < next_) return;
  next_ = now + std::chrono::seconds(1);
  before_ = std::exchange(latest_, oom_kills(root_));
}

std::string OomWatch::evidence(const WorkerProcess& worker) {
  const bool killed = worker.exited && worker.exited->signaled && worker.exited->code == SIGKILL;
  if (!killed || worker.stopping || !worker.lost.empty()) return {};
  const OomKills now = oom_kills(root_);
  if (now.count <= before_.count || now.own_group != before_.own_group) return {};
  ++before_.count;
  latest_.count = std::max(latest_.count, before_.count);
  return std::string(now.own_group
                         ? "the kernel has killed it (SIGKILL, and its control group counts a kill for want of memory)"
                         : "most likely the kernel has killed it (SIGKILL, and /proc/vmstat counts a kill for "
                           "want of memory in that second)") +
         "; it held " + std::to_string(worker.exited->peak_rss >> 20) + " MB at its most";
}

}  // namespace trun
