// RunPhase: the time between collection and the last verdict. Feeds the scheduler with what happens to the workers and
// carries out what it decides; it decides nothing itself.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runner/engine/item_lookup.h"
#include "runner/reporting/narrator.h"
#include "runner/workers/crew.h"
#include "runner/workers/lingering.h"
#include "scheduler/scheduler.h"

namespace trun {

/// Makes a worker for a slot that collects `only`, or its own share where that is empty.
using StartWorker = std::function<Result<WorkerProcess*>(Slot slot, const std::vector<std::string>& only)>;

class RunPhase {
 public:
  /// What it works on; all of it outlives it.
  struct Context {
    const Collection& collection;
    Crew& crew;
    RunPage& page;
    Narrator& narrator;
    std::string rootdir;
    StartWorker start;
    bool one_at_a_time = false;  ///< RunPlan's
  };

  RunPhase(Context context, SchedulerOptions options);

  /// Starts a worker in `slot`, one that inherits the collection or collects `only`.
  void start(Slot slot, const std::vector<std::string>& only = {});
  /// `worker` had collected before this phase began; since then it may have died.
  void take_in(const WorkerProcess& worker);
  /// `worker` has its collection and waits for work.
  void ready(const WorkerProcess& worker);
  /// `worker` was heard of: what it delivered has been pushed.
  void heard(const WorkerProcess& worker);
  /// `worker`, of which all was heard, runs nothing from `frame.ordinal` on. False: nonsense.
  bool gave_back(WorkerProcess& worker, const GaveBackFrame& frame);
  /// The session of `worker` runs no further test. Only the worker that has its slot speaks for what is queued there:
  /// not the process that has collected for all, nor one that was replaced and ends its session.
  void session_stopped(const WorkerProcess& worker, const std::string& reason);
  /// `worker` is gone; `event` is what that means to the scheduler if nobody has taken over from it.
  void exited(const WorkerProcess& worker, worker_event::Exited event);
  /// `worker` is through with its tests, and lives on for the sake of others: nobody waits for it here.
  void lingers(const WorkerProcess& worker);
  /// Anything else that happened. Taken in by the next drain().
  void push(WorkerEvent event) { inbox_.push_back(std::move(event)); }

  /// What dead workers held goes to others once nothing lives of them: called before and after orphans are looked for.
  void look_at_dead() { lingering_.look(); }
  void sweep_dead(const std::function<bool(const WorkerProcess&)>& has_orphans);

  /// Takes in all that was pushed and does what follows from it.
  void drain();
  /// After an exception from drain(): tells the verdicts that have come and were not told. Nothing else can be done
  /// with this phase then.
  void tell_rest();
  bool done() const { return scheduler_.done(); }
  std::optional<Duration> left() const { return scheduler_.left(); }

 private:
  /// A change of processes in one slot (action::CollectFiles, Recycle): `old` runs out its queue while `fresh`
  /// collects, or before that.
  struct Change {
    const WorkerProcess* old = nullptr;
    WorkerProcess* fresh = nullptr;
    bool recycling = false;
    bool starting = true;  ///< `fresh` is being forked, while events go on
    /// What `fresh` is to collect: it is not started before `old` has ended.
    std::optional<std::vector<std::string>> later;
    bool finishes = false;  ///< the slot was told to finish: nothing is started for it any more
  };

  void perform(const action::Assign& assign);
  void perform(const action::CollectFiles& collect);
  void perform(const action::Recycle& recycle);
  void perform(const action::StartWorker& start);
  void perform(const action::FinishWorker& finish);
  void perform(const action::StopAll& stop);
  void change(Slot slot, const std::vector<FileIndex>& files, bool recycling);
  void start_fresh(Slot slot, const std::vector<std::string>& only);
  void finish_change(Slot slot);
  bool has_its_slot(const WorkerProcess& worker) const;
  void push_end(const WorkerProcess& worker, worker_event::Exited event);
  void note(const RunEvent& event);
  worker_event::Ready ready_event(const WorkerProcess& worker);
  void tell_rest(std::vector<RunEvent> events);
  std::vector<std::string> paths_of(const std::vector<FileIndex>& files) const;

  Context context_;
  const bool sharded_;
  Scheduler scheduler_;
  ItemLookup lookup_;
  std::deque<WorkerEvent> inbox_;
  Step step_;             ///< what is being told and done
  std::size_t told_ = 0;  ///< so many of its events have been told
  std::map<Slot, Change> changes_;
  std::map<std::uint64_t, Slot> holds_;  ///< what is held, by whom
  Lingering lingering_;
};

}  // namespace trun
