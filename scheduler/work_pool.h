// WorkPool: the tests that no worker has been given yet. Each part is a slot's own (the file that the slot's worker is
// in the middle of, or, sharded, all that it collected), allotted to a slot (it runs it unless another runs out of
// work), or shared: what is isolated or demands something, and what came back from the dead. Slot number `slots` is
// nobody's: parts that no worker could run so far. Knows no workers, only slots; gives out and takes back.
//
// A process is given parts in collection order, as pytest and xdist would run them: suites leave state behind that only
// a file that comes later bears. work_pool.cc has the algorithm and an example.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "scheduler/shared_parts.h"
#include "scheduler/work_cutter.h"

namespace trun {

class WorkPool {
 public:
  /// All arguments must outlive the pool. Starts empty.
  WorkPool(const Collection& collection, const Partition& partition, const Estimates& estimates, unsigned slots);

  /// Takes in all units: strictly one after the other in collection order, or divided among the slots.
  void share_all(bool collection_order);
  /// Adds to a slot's own parts, kept in collection order behind the pinned ones.
  void add(Slot slot, WorkPart part);
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
  /// `item` has ended, which was given out; `all`: and whatever else was.
  void finished(Slot slot, ItemIndex item, bool all);
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
  WorkPart take_last(Slot slot) { return pull(own_[slot], false); }
  bool is_divisible(const WorkPart& part) const { return part.size() > 1 && partition_.divisible[part.unit]; }
  /// As of WorkCutter.
  WorkPart split_back(WorkPart& part, double kept) const { return cutter_.split_back(part, kept); }
  /// Takes all of a slot's own parts.
  std::deque<WorkPart> take_all(Slot slot);

  /// Takes everything.
  std::vector<ItemIndex> drain();

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  /// Items and (sticky) parts that any worker may have.
  std::size_t free() const { return free_; }
  /// Those of one kind.
  std::size_t free_of(KindIndex kind) const;
  double weight() const { return weight_; }
  const std::deque<WorkPart>& own(Slot slot) const { return own_[slot].parts; }
  double own_weight(Slot slot) const { return own_[slot].weight; }
  /// Whether moving work that weighs so much to another worker can pay at all.
  bool worth_moving(double weight) const;

 private:
  struct Own {
    std::deque<WorkPart> parts;
    double weight = 0;
    std::deque<WorkPart> allotted;  // in collection order; nothing isolated
    double allotted_weight = 0;
    double queued = 0;              // weight of what was given out and is not finished
    std::optional<ItemIndex> last;  // the hindmost that the process in the slot was given
  };

  static std::size_t free_in(const WorkPart& part, bool shared) { return part.sticky ? (shared ? 1 : 0) : part.size(); }
  void book(Own& own, const WorkPart& part);
  void put(Own& own, WorkPart part, bool front);
  WorkPart pull(Own& own, bool front);
  void rejoin(Own& own, std::uint32_t unit, std::vector<ItemIndex>& together);
  void share(WorkPart part, bool front);
  WorkPart unshare(SharedParts::Place at);
  std::optional<SharedParts::Place> first_shared(const Wanted& wanted) const;
  void divide(std::vector<WorkPart> parts);
  void allot(Slot slot, WorkPart part);
  WorkPart unallot(Slot slot, bool front);
  const WorkPart* first_for(Slot slot, const Wanted& wanted) const;
  bool is_ahead(Slot slot, const WorkPart& part) const;
  bool may_go_back(Slot victim) const;
  std::optional<Slot> richest_allotted(Slot except, const Wanted& wanted) const;
  void level(Slot slot, Slot victim);
  bool draw(Slot slot, const Wanted& wanted);
  bool rob(Slot slot, const Wanted& wanted);
  bool may_be_split(Slot victim, Slot thief) const;
  std::optional<Slot> richest(Slot except, const Wanted& wanted) const;
  void put_back(Own& own, const std::deque<ItemIndex>& items);
  bool bring_up(Slot slot, const Wanted& wanted, bool own_part);
  bool goes_on(Slot slot, double weight_left, const Wanted& wanted) const;

  const Collection& collection_;
  const Partition& partition_;
  const Estimates& estimates_;
  const WorkCutter cutter_;

  bool ordered_ = false;  // shared parts are not overtaken
  SharedParts shared_;
  std::vector<Own> own_;
  // Sums over all parts.
  std::size_t size_ = 0, free_ = 0;
  double weight_ = 0;
};

}  // namespace trun
