// Shutdown: how a run ends. Sessions are given the time that is theirs; then what the run still holds is given back by
// the CleanupCoordinator, while the loop goes on. When the run ends, and with which exit code, is the engine's.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "runner/config/config.h"
#include "runner/containment/cleanup_coordinator.h"
#include "runner/engine/merge.h"
#include "runner/engine/run_plan.h"
#include "runner/kernel/event_loop.h"
#include "runner/reporting/narrator.h"
#include "runner/workers/crew.h"
#include "runner/workers/fork_server.h"
#include "scheduler/history.h"

namespace trun {

class Shutdown {
 public:
  /// All of it outlives it. `abandoned`: nobody waits for anybody any more.
  struct Context {
    const Config& config;
    EventLoop& loop;
    Crew& crew;
    ForkServer& server;
    CleanupCoordinator& cleanup;
    Narrator& narrator;
    std::function<bool()> abandoned;
  };

  explicit Shutdown(Context context) : context_(std::move(context)) {}

  /// What each of them needs when the run ends. Call it when the thing is there.
  void hold_helpers();
  void hold_worker(WorkerProcess& worker);
  /// `worker` has ended by itself.
  void release(const WorkerProcess& worker);

  /// Tells all sessions to end and waits for that, not for long if the run was `interrupted`. Who has not ended then is
  /// left to clean_up().
  void end_sessions(bool interrupted);
  /// Ends everybody who collected, at once.
  void end_all(const std::string& why);
  /// Has the fork server write pytest's cache; it does so while the workers end. False: there is nothing to write.
  bool ask_for_cache(const History& history, const RunPlan& plan);
  /// Waits for the fork server to have written pytest's cache.
  void await_cache();
  /// Gives back what is held, but for the reports. `budget`: how long that may take in all.
  void clean_up(const std::string& reason, Duration budget);
  /// Tells the reports what was given back, and that this is all.
  void report(event::RunFinished finished);
  /// Waits for the reader of the terminal's report: a pager's is in no hurry, and by now all else is done.
  void write_out();

 private:
  void tell_cache(const std::string& why);
  void hold_server();
  void hold_strays();
  /// Until all workers are gone, or nobody waits for the run, or `deadline`, which is asked each time.
  void wait_for_ends(const std::function<TimePoint()>& deadline);
  bool anybody_at_a_test() const;

  const Context context_;
};

}  // namespace trun
