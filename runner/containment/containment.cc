#include "runner/containment/containment.h"

#include <unistd.h>

namespace trun {
namespace {

/// The group, with both in it.
Result<Cgroup> enclose(pid_t helper) {
  // The guardian stays outside: it must survive the kill of the whole group.
  TRUN_TRY(group, Cgroup::make());
  Status status = group.add(helper);
  if (status.ok()) status = group.add(::getpid());
  if (status.ok()) return group;
  (void)group.remove();  // if it fails, the next run does it
  return status.error();
}

}  // namespace

void Containment::enter(pid_t helper) {
  // A fork is in the group of its maker (cgroups(7)): what engine and helper start later need not be moved.
  if (!told_.empty()) return;
  if (!wanted_) {
    told_ = "no control group: it is not wanted";
    return;
  }
  const auto group = enclose(helper);
  // The guardian must know the name as soon as there is a group: it removes it if the engine dies.
  if (group.ok()) page_.hold_cgroup(group->folder());
  told_ =
      group.ok() ? "contained by the control group " + group->folder() : "no control group: " + group.error().message;
}

Status Containment::limit_memory(std::uint64_t bytes, CleanupCoordinator& cleanup) {
  auto made = MemoryGroups::make(bytes);
  if (!made.ok()) {
    return usage_error(
        "--test-memory-by cgroup: " + made.error().message +
        ". Have a group delegated to trun (systemd-run --user --scope -p Delegate=yes trun ..., or root), "
        "or use --test-memory-by resident");
  }
  memory_ = std::move(*made);
  // They may lie in another hierarchy than the run's own group, so the guardian is told of both.
  page_.hold_memory_groups(memory_->folder());
  // Whom the sweep has just ended leaves its group a moment later.
  cleanup.add({CleanupPhase::folders,
               "control groups of workers' memory",
               std::chrono::seconds(1),
               {},
               [this] { return memory_->remove(); },
               {}});
  return ok_status();
}

std::vector<std::string> Containment::told() const {
  std::vector<std::string> told{told_};
  if (memory_) told.push_back("memory is limited by control groups in " + memory_->folder());
  return told;
}

}  // namespace trun
