// WorkPool: the tests that no worker has been given yet. Each part is a slot's own (the file that the slot's worker is
// in the middle of, or, sharded, all that it collected), allotted to a slot (it runs it unless another runs out of
// work), or shared: what is isolated or demands something, and what came back from the dead. Slot number `slots` is
// nobody's: parts that no worker could run so far. Knows no workers, only slots; gives out and takes back.
//
// A process is given parts in collection order, as pytest and xdist would run them: suites leave state behind that only
// a file that comes later bears. WorkDivision decides which, WorkQueues holds them.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "scheduler/work_cutter.h"
#include "scheduler/work_division.h"
#include "scheduler/work_queues.h"

namespace trun {

class WorkPool {
 public:
  /// All arguments must outlive the pool. Starts empty.
  WorkPool(const Collection& collection, const Partition& partition, const Estimates& estimates,
           const TakeoverCost& cost, unsigned slots);
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;

  /// Takes in all units: strictly one after the other in collection order, or divided among the slots.
  void share_all(bool collection_order) { division_.share_all(collection_order); }
  /// Adds to a slot's own parts, kept in collection order behind the pinned ones.
  void add(Slot slot, WorkPart part) { queues_.add(slot, std::move(part)); }
  /// As of WorkCutter.
  WorkPart part(std::vector<ItemIndex> items) const { return cutter_.part(std::move(items)); }

  /// Takes the next chunk for `slot` out: of its own parts, else of those allotted to it or shared, else of those of
  /// the richest other slot, else of the back of what that is in the middle of (not of sticky ones). Empty if there is
  /// nothing, or nothing to `spare`. Linear in what it takes, and in slots.
  std::vector<ItemIndex> take(Slot slot, const ChunkSize& chunk);
  /// Whether take() with `spare` would find something that is `wanted`.
  bool has_for(Slot slot, std::size_t spare, const Wanted& wanted = {}) const;

  /// What there is for a process in `slot` that was given tests of `cell`, each kind once, in the order of the parts;
  /// in collection order only the first.
  std::vector<Candidate> candidates(Slot slot, std::optional<std::uint32_t> cell) const;
  /// The first of the tests that are with `slot` has ended.
  void finished(Slot slot);
  /// A fresh process is in the slot: all of the collection is ahead of it.
  void renew(Slot slot);

  /// The next test of these, or (none) of all that there is for the slot.
  std::optional<ItemIndex> next(Slot slot, const Wanted& wanted) const;
  /// Whether the next test of the slot's first part is of the file of `last`, demands the same, and `cell` allows it.
  bool continues(Slot slot, ItemIndex last, std::optional<std::uint32_t> cell) const;
  /// Whether tests of `kind` are next in some part of `slot` (behind the last: of the shared ones).
  bool waits(KindIndex kind, Slot slot) const;
  bool demands_nothing(const WorkPart& part) const { return partition_.kind_of(part.front()) == 0; }
  std::uint32_t unit_of(ItemIndex item) const { return partition_.unit[item]; }

  /// `items` were in the queue of `slot` and were not started: they come in front of its own parts, and together
  /// with these in front of the shared ones, or (`keep`) stay its own.
  void give_back(Slot slot, const std::deque<ItemIndex>& items, bool keep);
  /// The same of a worker that lives: the rest of units that it has `begun` (by the first item that came back) stays
  /// its slot's own.
  using Begun = std::function<bool(ItemIndex)>;
  void take_back(Slot slot, const std::deque<ItemIndex>& items, const Begun& begun, bool keep);

  /// Takes whole parts from the back of `victim`'s own that together cost about `weight`, at least one where one can
  /// be moved; `all`: none need stay.
  std::vector<WorkPart> steal(Slot victim, double weight, bool all);
  /// Takes the last of a slot's own parts, of which there is one. Whoever wants some of it adds the rest again.
  WorkPart take_last(Slot slot) { return queues_.pull(slot, false); }
  bool is_divisible(const WorkPart& part) const { return part.size() > 1 && partition_.divisible[part.unit]; }
  /// As of WorkCutter.
  WorkPart split_back(WorkPart& part, double kept) const { return cutter_.split_back(part, kept); }
  /// Takes all of a slot's own parts.
  std::deque<WorkPart> take_all(Slot slot);

  /// Takes everything.
  std::vector<ItemIndex> drain() { return queues_.drain(); }

  bool empty() const { return queues_.size() == 0; }
  std::size_t size() const { return queues_.size(); }
  /// Items and (sticky) parts that any worker may have.
  std::size_t free() const { return queues_.free(); }
  /// Those of one kind.
  std::size_t free_of(KindIndex kind) const { return queues_.free_of(kind); }
  double weight() const { return queues_.weight(); }
  /// Whether a slot has tests of a file that no earlier run knows, not given out yet.
  bool has_guesses() const;
  const std::deque<WorkPart>& own(Slot slot) const { return queues_[slot].parts; }
  double own_weight(Slot slot) const { return queues_[slot].weight; }
  /// Whether moving work that weighs so much to another worker can pay at all.
  bool worth_moving(double weight) const { return division_.worth_moving(weight); }

 private:
  void put_back(Slot slot, const std::deque<ItemIndex>& items);
  void rejoin(Slot slot, std::uint32_t unit, std::vector<ItemIndex>& together);
  bool bring_up(Slot slot, const Wanted& wanted, bool own_part);
  bool goes_on(Slot slot, double weight_left, const Wanted& wanted) const;

  const Collection& collection_;
  const Partition& partition_;
  const Estimates& estimates_;
  const WorkCutter cutter_;

  WorkQueues queues_;
  WorkDivision division_;
};

}  // namespace trun
