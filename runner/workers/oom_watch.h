// OomWatch: tells a process that the kernel has killed for want of memory from one that somebody else has killed. Both
// end by SIGKILL; the kernel counts its own.
#pragma once

#include <string>

#include "runner/base/clock.h"
#include "runner/kernel/cgroup.h"
#include "runner/workers/worker_process.h"

namespace trun {

class OomWatch {
 public:
  /// `root` is put before /proc and /sys (tests).
  explicit OomWatch(std::string root = "") : root_(std::move(root)), latest_(oom_kills(root_)), before_(latest_) {}

  /// Takes the count once a second: of a death that follows, kills of more than two seconds ago say nothing. Not fewer:
  /// the kernel counts first, and a large process is a while in dying.
  void tick(TimePoint now);
  /// What speaks for it that the kernel killed `worker` for want of memory, and how sure that is; empty: nothing does.
  /// REQUIRES: it has ended. A kill explains one death.
  std::string evidence(const WorkerProcess& worker);

 private:
  const std::string root_;
  OomKills latest_, before_;  ///< `before_` was the latest count until `latest_` was taken
  TimePoint next_{};
};

}  // namespace trun
