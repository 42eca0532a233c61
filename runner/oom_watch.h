// OomWatch: tells a process that the kernel has killed for want of memory from one that somebody else has killed. Both
// end by SIGKILL; the kernel counts its own.
#pragma once

#include <string>

#include "runner/base/clock.h"
#include "runner/cgroup.h"
#include "runner/worker_process.h"

namespace trun {

class OomWatch {
 public:
  /// `root` is put before /proc and /sys (tests).
  explicit OomWatch(std::string root = "") : root_(std::move(root)), before_(oom_kills(root_)) {}

  /// Takes the count anew once a second: of a death that follows, older kills say nothing.
  void tick(TimePoint now);
  /// What speaks for it that the kernel killed `worker` for want of memory, and how sure that is; empty: nothing does.
  /// REQUIRES: it has ended. A kill explains one death.
  std::string evidence(const WorkerProcess& worker);

 private:
  const std::string root_;
  OomKills before_;
  TimePoint next_{};
};

}  // namespace trun
