#include "runner/workers/lingering.h"

#include <unistd.h>

namespace trun {
namespace {

bool group_lives(const WorkerProcess& worker) {
  // An attached worker is in trun's own group, which says nothing.
  if (worker.pgid == ::getpgrp()) return false;
  // Signal 0 only asks (kill(2)). The answer is yes for zombies, too, until the engine has reaped them.
  const auto found = posix::kill_group(worker.pid, 0);
  return found.ok() && *found;
}

}  // namespace

void Lingering::look() {
  // Once gone, never asked again: the number of the group may be another's by then.
  for (Dead& dead : dead_) dead.group_gone = dead.group_gone || !group_lives(*dead.worker);
}

std::vector<const WorkerProcess*> Lingering::gone(const std::function<bool(const WorkerProcess&)>& has_orphans,
                                                  TimePoint now) {
  std::vector<const WorkerProcess*> found;
  std::erase_if(dead_, [&](const Dead& dead) {
    // A process that the kernel does not let go would keep resources from others for ever without the second condition.
    const bool is_gone = (dead.group_gone && !has_orphans(*dead.worker)) || now - dead.since > kPatience;
    if (is_gone) found.push_back(dead.worker);
    return is_gone;
  });
  return found;
}

}  // namespace trun
