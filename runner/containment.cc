#include "runner/containment.h"

#include <unistd.h>

namespace trun {
namespace {

/// The group, with both in it.
Result<Cgroup> enclose(pid_t helper) {
  TRUN_TRY(group, Cgroup::make());
  Status status = group.add(helper);
  if (status.ok()) status = group.add(::getpid());
  if (status.ok()) return group;
  (void)group.remove();  // if it fails, the next run does it
  return status.error();
}

}  // namespace

void Containment::enter(pid_t helper) {
  if (!told_.empty()) return;
  if (!wanted_) {
    told_ = "no control group: it is not wanted";
    return;
  }
  const auto group = enclose(helper);
  if (group.ok()) page_.hold_cgroup(group->folder());
  told_ =
      group.ok() ? "contained by the control group " + group->folder() : "no control group: " + group.error().message;
}

}  // namespace trun
