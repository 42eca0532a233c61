// Crew: all worker processes of the run, living and dead, and how they are ended. It forgets none: their pids are known
// to the reaper until the run is over.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runner/base/run_event.h"
#include "runner/worker_process.h"
#include "scheduler/step.h"

namespace trun {

class Crew {
 public:
  WorkerProcess* adopt(std::unique_ptr<WorkerProcess> worker);
  /// Forgets everybody. REQUIRES: all_gone().
  void clear() { workers_.clear(); }

  const std::vector<std::unique_ptr<WorkerProcess>>& workers() const { return workers_; }
  /// The living worker in `slot`; nullptr if there is none. Never a collector.
  WorkerProcess* at(Slot slot) const;
  /// How many living workers in `slot` were replaced.
  std::size_t leaving(Slot slot) const;
  /// The latest worker in `slot`, dead or alive.
  WorkerProcess* latest(Slot slot) const;

  static bool gone(const WorkerProcess& worker) { return worker.exited.has_value(); }
  bool all_gone() const;
  bool all_collected_or_gone() const;
  bool knows(pid_t pid) const;

  /// What those who are in a test are at.
  std::vector<event::Progress::Running> at_work() const;
  /// How the sessions ended that came to their end.
  std::vector<int> session_codes() const;

  /// SIGKILL to the process and, unless it shares trun's group, to its group.
  static void kill(const WorkerProcess& worker);
  /// Ends everyone who lives, for that reason.
  void kill_all(const std::string& why);

  /// What the worker was at when it ended. A session that ended by its own word was between tests.
  static worker_event::Exited last_moment(const WorkerProcess& worker);

 private:
  std::vector<std::unique_ptr<WorkerProcess>> workers_;
};

}  // namespace trun
