// Dispatcher: who runs what next. Holds the pool and the crew, fills queues that run low, wakes the idle, takes the
// work of the dead back and has them replaced. Knows no verdicts, no maxfail, no stop: the scheduler does.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scheduler/shards.h"

namespace trun {

class Dispatcher {
 public:
  /// `collection` and `estimates` must outlive it.
  Dispatcher(const Collection& collection, const SchedulerOptions& options, const Estimates& estimates);

  void ready(const worker_event::Ready& event);
  void collected(const worker_event::Collected& event);
  /// The worker of `slot` runs the oldest `keep` items of its queue and no more.
  void gave_back(const worker_event::GaveBack& event);
  /// `slot` finished the oldest item of its queue. REQUIRES: it has one.
  void finished(Slot slot);
  /// Gives `slot` its next chunk or closes its queue, if its queue is low.
  void refill(Slot slot, Step& step);
  /// The worker is gone; `current` will not be run again, what is queued behind it will be.
  void lost(Slot slot, std::optional<ItemIndex> current);
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

 private:
  ChunkSize chunk_for(Slot slot) const;
  std::size_t reserve(Slot slot) const;
  bool has_more(Slot slot) const;
  void assign(Slot slot, std::vector<ItemIndex> items, std::size_t low, Step& step);
  std::size_t capacity(Slot slot) const;
  std::size_t spare(Slot slot) const;
  void take_over(Slot slot);
  void recycle_if_due(Slot slot, Step& step);
  void settle_claims();
  void wake(Step& step);
  void restart(Step& step);
  bool needs_worker(Slot slot) const;
  /// Starts a replacement, or gives the slot up.
  void start(Slot slot, Step& step);
  std::vector<ItemIndex> unreachable();

  const SchedulerOptions options_;
  const Estimates& estimates_;
  const Partition partition_;

  WorkerStates crew_;
  WorkPool pool_;
  Shards shards_;
  unsigned restarts_ = 0;
  bool changed_ = false;  // a worker came or went: more than idle workers is to be looked at
  std::optional<Slot> just_died_;
  std::string why_given_up_ = "no worker could be started";
};

}  // namespace trun
