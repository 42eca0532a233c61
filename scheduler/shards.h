// Shards: sharded collection during the run. Which worker has which files, how files move to a worker that has none
// left (it must collect them first), and what becomes of the files of the dead. Whole files move; where none can, the
// back of the file that a worker is in the middle of, if affinity allows that and it pays. Used only when sharded;
// unsharded workers share one pool. An unassigned test is always in exactly one place: one slot's own parts in the
// pool, nobody's, or one worker's transfer.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "scheduler/step.h"
#include "scheduler/takeover_cost.h"
#include "scheduler/work_pool.h"
#include "scheduler/worker_state.h"

namespace trun {

class Shards {
 public:
  /// All arguments must outlive it. `may_steal`: living workers give files away. Tests that `kinds` calls impossible
  /// are nobody's.
  Shards(const Collection& collection, WorkPool& pool, WorkerStates& crew, const Estimates& estimates,
         TakeoverCost& cost, bool may_steal, const DemandKinds& kinds);

  /// A worker has its collection, in its first life or a later one.
  void ready(Slot slot, const std::vector<ItemIndex>& items);
  /// The answer to CollectFiles.
  void collected(Slot slot, const std::vector<ItemIndex>& items);
  /// The worker is dead (its queue goes back after this, then comes forget()): the files it was to collect go back.
  void died(Slot slot);
  /// All first lives have said Ready or ended: tests that nobody claimed belong to those that ended.
  void settle_claims();
  bool claims_settled() const { return settled_; }

  /// Gets files for `slot`, which has none left that it may run now. True: it has work now, or will after Collected (an
  /// action in `step`).
  bool steal(Slot slot, Step& step);
  /// Whether steal() would find something.
  bool can_steal(Slot slot) const { return settled_ && richest(slot) != kNone; }

  /// Whether what it would find begins with tests that demand nothing, which can be run at any time.
  bool can_steal_plain(Slot slot) const;

  /// The slot that holds what no slot's worker could run so far.
  Slot nobody() const { return static_cast<Slot>(crew_.size()); }

  /// Hands over all that slots which were given up hold. REQUIRES: no worker lives.
  void inherit(Slot heir);
  /// Files of the slot's own parts: what its replacement must collect.
  std::vector<FileIndex> files(Slot slot) const;
  /// Tests that came back from no collection and that no living worker can run. Emptied by the call.
  std::vector<ItemIndex> take_lost() { return std::exchange(lost_, {}); }

 private:
  static constexpr Slot kNone = ~Slot{0};

  bool is_given_up(Slot slot) const { return slot == nobody() || crew_[slot].life == WorkerState::Life::given_up; }
  bool is_stealable(Slot slot) const;
  bool is_divisible(Slot slot) const;
  WorkPart divide(Slot victim);
  Slot richest(Slot thief) const;
  std::vector<WorkPart> take_from(Slot victim);
  void claim(Slot slot, const std::vector<ItemIndex>& items);
  void keep_runnable(Slot slot);
  void rehome(WorkPart part, Slot rather, bool pin);
  Slot another_that_runs(ItemIndex item, Slot rather) const;
  std::vector<WorkPart> by_unit(std::vector<ItemIndex> items) const;

  const Collection& collection_;
  WorkPool& pool_;
  WorkerStates& crew_;
  const Estimates& estimates_;
  TakeoverCost& cost_;
  const bool may_steal_;

  bool settled_ = false;
  std::vector<bool> claimed_;  // by item, until claims are settled
  std::vector<ItemIndex> lost_;
};

}  // namespace trun
