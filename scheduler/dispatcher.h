// Dispatcher: who runs what next. Holds the pool and the crew, fills queues that run low, wakes the idle, takes the
// work of the dead back and has them replaced. Knows no verdicts, no maxfail, no stop: the scheduler does. What fills
// a queue is in dispatcher_refill.cc.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scheduler/resource_gate.h"
#include "scheduler/shards.h"

namespace trun {

class Dispatcher {
 public:
  /// `collection` and `estimates` must outlive it.
  Dispatcher(const Collection& collection, const SchedulerOptions& options, const Estimates& estimates);

  /// What time it is, before each event.
  void at(TimePoint now) { cost_.at(now); }
  void ready(const worker_event::Ready& event);
  void collected(const worker_event::Collected& event);
  /// The worker of `slot` runs the oldest `keep` items of its queue and no more.
  void gave_back(const worker_event::GaveBack& event);
  /// `slot` finished the oldest item of its queue, whose set-up took `setup`; none is there if it was dropped.
  void finished(Slot slot, Duration setup);
  /// Gives `slot` its next chunk or closes its queue, if its queue is low.
  void refill(Slot slot, Step& step);
  /// The worker is gone; `current` will not be run again, what is queued behind it will be. `lingers`: some of its
  /// processes are not, swept() will come.
  void lost(Slot slot, std::optional<ItemIndex> current, bool lingers);
  /// Nothing is left of the dead of `slot`.
  void swept(Slot slot);
  /// `slot` will not be started again.
  void give_up(Slot slot, std::string why);

  /// To be called after each event: gives work that came back or became worth moving to idle workers, replaces the dead
  /// where work needs them. Returns the items that nobody can run: not in the pool any more, to be reported.
  struct Lost {
    std::vector<ItemIndex> items;
    std::string reason;
  };
  std::vector<Lost> settle(Step& step);

  /// Tells each living worker that was not told yet to end its session.
  void finish_all(Step& step);
  /// The session of `slot` runs nothing any more: its queue is forgotten.
  void drop(Slot slot) { crew_[slot].queue.clear(); }

  const WorkerStates& crew() const { return crew_; }
  /// Tests that no worker will be given, each with the reason.
  const std::vector<std::pair<ItemIndex, std::string>>& impossible() const { return kinds_.impossible(); }
  bool nothing_held() const { return !gate_ || gate_->nothing_held(); }
  /// What was taken and released since the last call, without times.
  std::vector<RunEvent> held_changes() { return gate_ ? gate_->changes() : std::vector<RunEvent>(); }

 private:
  /// What a worker is to be given next where tests demand something: these, or (none) nothing; `closes`: nothing
  /// because its queue must run out first.
  struct Choice {
    std::optional<Candidate> candidate;
    bool closes = false;
  };

  Choice choose(Slot slot, const std::vector<ItemIndex>& items);
  bool goes_on(Slot slot, const std::vector<ItemIndex>& items) const;
  std::optional<ItemIndex> likely_next(Slot slot) const;
  void release_if_done(Slot slot);
  WorkPool::Begun begun_by(Slot slot, std::optional<ItemIndex> last) const;
  ChunkSize chunk_for(Slot slot) const;
  std::size_t reserve(Slot slot, std::size_t free) const;
  bool has_more(Slot slot) const;
  /// Every process can run every test at any time.
  bool is_plain() const { return !gate_ && !options_.sharded && partition_.cell.empty(); }
  bool may_come(Slot slot) const;
  /// Whether it is at nothing, and has a last test that waits.
  static bool is_waiting(const WorkerState& worker) { return worker.waits && worker.queue.size() == 1; }
  bool is_through(Slot slot) const;
  void assign(Slot slot, std::vector<ItemIndex> items, std::size_t low, Step& step);
  std::size_t capacity(Slot slot) const;
  /// Of `free` items or parts, how many are not left for others.
  std::size_t spare(Slot slot, std::size_t free) const;
  void take_over(Slot slot);
  void recycle(Slot slot, event::WorkerRecycled::Cause cause, Step& step);
  std::optional<event::WorkerRecycled::Cause> why_recycle(Slot slot) const;
  std::size_t relieving() const;
  void settle_claims();
  void wake(Step& step);
  void wake_idle(Step& step);
  void restart(Step& step);
  bool needs_worker(Slot slot) const;
  /// Starts a replacement, or gives the slot up.
  void start(Slot slot, Step& step);
  std::vector<ItemIndex> unreachable();

  const SchedulerOptions options_;
  const Estimates& estimates_;
  const DemandKinds kinds_;
  const Partition partition_;

  WorkerStates crew_;
  TakeoverCost cost_;
  WorkPool pool_;
  Shards shards_;
  std::optional<ResourceGate> gate_;  // none: no test demands anything
  std::vector<Slot> begun_by_;        // by unit, with a gate: who ran some of it last
  unsigned restarts_ = 0;
  bool changed_ = false;  // a worker came or went: more than idle workers is to be looked at
  std::optional<Slot> just_died_;
  std::string why_given_up_ = "no worker could be started";
};

}  // namespace trun
