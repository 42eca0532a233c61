// Crew: all worker processes of the run, living and dead, and how they are ended. It forgets none: their pids are known
// to the reaper until the run is over.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runner/base/outcome.h"
#include "runner/worker_process.h"

namespace trun {

class Crew {
 public:
  WorkerProcess* adopt(std::unique_ptr<WorkerProcess> worker);
  /// Forgets everybody. REQUIRES: all_gone().
  void clear() { workers_.clear(); }

  const std::vector<std::unique_ptr<WorkerProcess>>& workers() const { return workers_; }
  /// The living worker in `slot`; nullptr if there is none. Never a collector.
  WorkerProcess* at(Slot slot) const;
  /// The latest worker in `slot`, dead or alive.
  WorkerProcess* latest(Slot slot) const;

  static bool gone(const WorkerProcess& worker) { return worker.exited.has_value(); }
  bool all_gone() const;
  bool all_collected_or_gone() const;
  bool knows(pid_t pid) const;

  /// SIGKILL to the process and, unless it shares trun's group, to its group.
  static void kill(const WorkerProcess& worker);
  /// Ends everyone who lives, for that reason.
  void kill_all(const std::string& why);

  /// What the end of a worker in the middle of a test is called.
  static Outcome verdict(const WorkerProcess& worker, Phase phase);

 private:
  std::vector<std::unique_ptr<WorkerProcess>> workers_;
};

}  // namespace trun
