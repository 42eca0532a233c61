// WorkDivision: who runs what. Divides the units among the slots before the first test runs, and finds the next part of
// a slot that has none of its own: in its allotment, among the shared ones, or with another slot that has more to do.
// work_division.cc has the algorithm and an example.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "scheduler/takeover_cost.h"
#include "scheduler/work_queues.h"

namespace trun {

class WorkDivision {
 public:
  /// All arguments must outlive it.
  WorkDivision(const Partition& partition, const Estimates& estimates, const TakeoverCost& cost,
               const WorkCutter& cutter, WorkQueues& queues)
      : partition_(partition), estimates_(estimates), cost_(cost), cutter_(cutter), queues_(queues) {}

  /// Puts all units into the queues: strictly one after the other in collection order, or divided among the slots.
  void share_all(bool collection_order);
  /// Whether shared parts are not overtaken.
  bool ordered() const { return ordered_; }

  /// Makes sure that `slot` has a part of its own, if there is one to be had that is `wanted`; false: there is none.
  bool draw(Slot slot, const Wanted& wanted);
  /// Whether that would find one.
  bool can_draw(Slot slot, const Wanted& wanted) const;

  /// What `slot` would go on with, of what nobody else has begun or is to have; nullptr: there is nothing.
  const WorkPart* first_for(Slot slot, const Wanted& wanted) const;
  std::optional<SharedParts::Place> first_shared(const Wanted& wanted) const;
  /// Whether `thief` may have some of what `victim` is in the middle of.
  bool may_be_split(Slot victim, Slot thief, const Wanted& wanted) const;
  /// Whether moving work that weighs so much to another worker can pay at all.
  bool worth_moving(double weight) const;

 private:
  void divide(std::vector<WorkPart> parts);
  bool is_ahead(Slot slot, const WorkPart& part) const;
  bool may_go_back(Slot victim, const Wanted& wanted) const;
  std::optional<Slot> richest_allotted(Slot except, const Wanted& wanted) const;
  std::optional<Slot> richest(Slot except, const Wanted& wanted) const;
  void level(Slot slot, Slot victim, const Wanted& wanted);
  bool rob(Slot slot, const Wanted& wanted);

  const Partition& partition_;
  const Estimates& estimates_;
  const TakeoverCost& cost_;
  const WorkCutter& cutter_;
  WorkQueues& queues_;

  bool ordered_ = false;
};

}  // namespace trun
