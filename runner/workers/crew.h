// Crew: all worker processes of the run, living and dead, and how they are ended. Of the dead it forgets those that
// were replaced in passing (recycling): there may be one for each test.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runner/base/run_event.h"
#include "runner/workers/worker_process.h"
#include "scheduler/step.h"

namespace trun {

class Crew {
 public:
  WorkerProcess* adopt(std::unique_ptr<WorkerProcess> worker);
  /// Forgets those that are gone, were replaced, have been so for a while, and are none that `held` knows.
  void bury(TimePoint now, const std::function<bool(const WorkerProcess&)>& held);
  /// The exit code of the latest session in `slot`; empty: it did not end by itself.
  std::optional<int> session_code(Slot slot) const;
  /// Forgets everybody: their collection does not count. Who is not gone (in the middle of a system call that no signal
  /// ends) is kept where only its end is waited for.
  void discard();
  bool has_discarded(const WorkerProcess& worker) const;

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
  /// Also of one that was discarded.
  bool knows(pid_t pid) const;

  /// What those who are in a test are at.
  std::vector<event::Progress::Running> at_work() const;
  /// How the sessions ended that came to their end.
  std::vector<SessionEnd> session_ends() const;
  /// Whether a session was to fail (`session.shouldfail`), whatever became of its tests.
  bool any_session_failed() const;

  /// SIGKILL to the process and, unless it shares trun's group, to its group.
  static void kill(const WorkerProcess& worker);
  /// Ends everyone who lives, for that reason.
  void kill_all(const std::string& why);

  /// What the worker was at when it ended. A session that ended by its own word was between tests.
  static worker_event::Exited last_moment(const WorkerProcess& worker);

 private:
  std::vector<std::unique_ptr<WorkerProcess>> workers_, discarded_;
  std::set<SessionEnd> buried_exits_;
};

}  // namespace trun
