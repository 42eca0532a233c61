// Supervisor: watches the clocks of all workers and ends those whose time is up, so that every run ends by itself and
// names the culprit. Knows what a worker is at from its status page; what follows from its end is the engine's.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "runner/config/config.h"
#include "runner/reporting/narrator.h"
#include "runner/workers/crew.h"
#include "runner/workers/worker_watch.h"
#include "scheduler/deadlines.h"

namespace trun {

/// What is to be said of a worker that has come to the limit of its control group; empty: it has not, or has none.
std::string exhaustion(const WorkerProcess& worker, const Config& config);

class Supervisor {
 public:
  /// All of it outlives it. `collection` is empty until it is complete.
  struct Context {
    const Config& config;
    const Collection& collection;
    Crew& crew;
    WorkerWatch& watch;
    Narrator& narrator;
  };

  explicit Supervisor(Context context);

  /// Called every 100 ms.
  void tick(TimePoint now);
  /// The run stood still: no clock ran.
  void paused(TimePoint begin, TimePoint end) { clock_.paused(begin, end); }
  /// The end of a pause whose end was not known.
  void goes_on(TimePoint now) { clock_.goes_on(now); }
  /// Tells what every worker is at, with stacks, shortly.
  void show_running(TimePoint now);
  /// Ends all workers; tests at work have timed out.
  void stop_all(const std::string& reason, TimePoint now);

  /// Says for whom an interrupted run waits, `left` more.
  void tell_waiting(Duration left, TimePoint now);
  /// Ends the workers that an interrupt did not end, with their stacks, and shortly.
  void end_interrupted(TimePoint now);

  /// Whether the whole run's time is up; said once.
  bool run_is_over(TimePoint began, TimePoint now);
  /// Tells of the end of a worker that was stopped at no test, or died in session finish: no verdict does. In a
  /// collection that is not pytest's own (`solo`) the report of its file does.
  void tell_end(const WorkerProcess& worker, bool solo);

  /// Whether a session did not end, or not in time.
  bool session_lost() const { return session_lost_; }

 private:
  struct At {
    Activity activity;
    std::optional<std::uint64_t> ordinal;  ///< of the test at work
    ItemIndex item = 0;
  };

  std::optional<At> look_at(const WorkerProcess& worker, TimePoint now) const;
  void judge(WorkerProcess& worker, TimePoint now);
  void note_slow(WorkerProcess& worker, const At& at);
  void note_finishing(WorkerProcess& worker, Duration spent);
  bool threads_fail() const;
  void stop(WorkerProcess& worker, const At& at, Duration limit, TimePoint now);
  void check_memory(WorkerProcess& worker, const At& at, TimePoint now);
  bool check_group(WorkerProcess& worker, TimePoint now);
  void tell_running();

  const Context context_;
  const TimeLimits limits_;
  PausableClock clock_;
  std::optional<TimePoint> show_at_;
  bool session_lost_ = false, run_over_ = false;
};

}  // namespace trun
