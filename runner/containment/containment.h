// Containment: puts the run into a control group of its own where the machine lets us, so that nothing escapes the
// guardian, and, where that is asked for, makes those that limit the memory of workers. Costs nothing that anybody
// waits for: it is done while the interpreter starts.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runner/containment/cleanup_coordinator.h"
#include "runner/containment/guardian_page.h"
#include "runner/containment/memory_groups.h"
#include "runner/kernel/cgroup.h"

namespace trun {

class Containment {
 public:
  /// The guardian ends and removes the group when the engine is gone; `page` tells it which. Not `wanted`: there is to
  /// be none (a test of what goes without: the next run would end what such a run has left).
  Containment(GuardianPage& page, bool wanted) : page_(page), wanted_(wanted) {}

  /// Moves this process and `helper`, its first child, into the group. Only the first call does anything: what is
  /// started later is in it.
  void enter(pid_t helper);

  /// Makes groups that limit the memory of each worker to `bytes`; `cleanup` removes them. Error (usage): this machine
  /// lets us make none.
  Status limit_memory(std::uint64_t bytes, CleanupCoordinator& cleanup);
  const std::optional<MemoryGroups>& memory() const { return memory_; }

  /// "contained by the control group ...", or why there is none, and who limits memory: for -v.
  std::vector<std::string> told() const;

 private:
  GuardianPage& page_;
  const bool wanted_;
  std::string told_;
  std::optional<MemoryGroups> memory_;
};

}  // namespace trun
