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

// Example: the count is 7 at 10 s and 11 s. At 11.5 s the kernel kills a worker of several GB and counts 8; freeing its
// memory takes until 12.3 s. At 12 s the count taken is 8, `before_` is 7. At 12.3 s the worker has ended: 8 > 7, so
// the kernel's kill may be its. A single earlier count would have been 8 already.
std::string OomWatch::evidence(const WorkerProcess& worker) {
  const bool killed = worker.exited && worker.exited->signaled && worker.exited->code == SIGKILL;
  // A SIGKILL of trun's own needs no other reason.
  if (!killed || worker.stopping || !worker.lost.empty()) return {};
  const OomKills now = oom_kills(root_);
  // A count of another place, because the group has gone or come, cannot be compared.
  if (now.count <= before_.count || now.own_group != before_.own_group) return {};
  // A kill explains one death: two workers that died in this second need two kills.
  ++before_.count;
  latest_.count = std::max(latest_.count, before_.count);
  return std::string(now.own_group
                         ? "the kernel has killed it (SIGKILL, and its control group counts a kill for want of memory)"
                         : "most likely the kernel has killed it (SIGKILL, and /proc/vmstat counts a kill for "
                           "want of memory in that second)") +
         "; it held " + std::to_string(worker.exited->peak_rss >> 20) + " MB at its most";
}

}  // namespace trun
