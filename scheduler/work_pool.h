// WorkPool: the tests that no worker has been given yet. Each part is either shared (any worker may take it) or a
// slot's own: the file that the slot's worker is in the middle of, or, sharded, all that it collected. Slot number
// `slots` is nobody's: parts that no worker could run so far. Knows no workers, only slots; gives out and takes back.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "scheduler/estimates.h"
#include "scheduler/work_part.h"

namespace trun {

/// How much a worker is to be given at once.
struct ChunkSize {
  std::size_t items = 1;               ///< at most, at least 1
  double nanoseconds = 0;              ///< by estimate; the first test is given out whatever it takes
  bool exact = false;                  ///< near the end: do not round to whole files and classes
  std::size_t spare = 0;               ///< at most so many of what other workers could take too
  std::size_t most = ~std::size_t{0};  ///< never more than that, whatever belongs together
  std::optional<std::uint32_t> cell;   ///< only tests of this cell; none: of the first test's
  std::optional<Candidate> candidate;  ///< only these; none: nobody demands anything
};

class WorkPool {
 public:
  /// All arguments must outlive the pool. Starts empty.
  WorkPool(const Collection& collection, const Partition& partition, const Estimates& estimates, unsigned slots);

  /// Shares all units: in collection order, or longest first.
  void share_all(bool collection_order);
  /// Adds to a slot's own parts, kept in collection order behind the pinned ones.
  void add(Slot slot, WorkPart part);
  /// The part that `items` (ascending, of one unit) make.
  WorkPart part(std::vector<ItemIndex> items) const;

  /// Takes the next chunk for `slot` out: of its own parts, else of shared ones, else of the back of another slot's
  /// (not of sticky ones). Empty if there is nothing, or nothing to `spare`. Linear in what it takes, and in slots.
  std::vector<ItemIndex> take(Slot slot, const ChunkSize& chunk);
  /// Whether take() with `spare` would find something that is `wanted`.
  bool has_for(Slot slot, std::size_t spare, const Wanted& wanted = {}) const;

  /// What there is for a process in `slot` that was given tests of `cell`, each kind once, in the order of the parts;
  /// in collection order only the first.
  std::vector<Candidate> candidates(Slot slot, std::optional<std::uint32_t> cell) const;
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
  /// The same of a worker that lives and last ran `last`: the rest of that unit stays its slot's own.
  void take_back(Slot slot, const std::deque<ItemIndex>& items, std::optional<ItemIndex> last, bool keep);

  /// Takes whole parts from the back of `victim`'s own that together cost about `weight`, at least one where one can
  /// be moved; `all`: none need stay.
  std::vector<WorkPart> steal(Slot victim, double weight, bool all);
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
  };

  static std::size_t free_in(const WorkPart& part, bool shared);
  void book(Own& own, const WorkPart& part);
  void put(Own& own, WorkPart part, bool front);
  void reweigh(WorkPart& part) const;
  WorkPart pull(Own& own, bool front);
  void rejoin(Own& own, std::uint32_t unit, std::vector<ItemIndex>& together);
  void share(WorkPart part, bool front);
  WorkPart unshare(std::deque<WorkPart>::const_iterator at);
  std::deque<WorkPart>::const_iterator first_shared(const Wanted& wanted) const;
  bool draw(Slot slot, const Wanted& wanted);
  bool rob(Slot slot, const Wanted& wanted);
  std::optional<Slot> richest(Slot except, const Wanted& wanted) const;
  void put_back(Own& own, const std::deque<ItemIndex>& items);
  bool bring_up(Slot slot, const Wanted& wanted, bool own_part);
  std::size_t like_first(const WorkPart& part, std::size_t count) const;
  bool goes_on(Slot slot, double weight_left, const Wanted& wanted) const;
  std::size_t cut(const WorkPart& part, const ChunkSize& chunk, double weight_left) const;
  WorkPart split_back(WorkPart& part) const;
  double weigh(const std::vector<ItemIndex>& items, std::size_t from) const;
  double item_weight(ItemIndex item) const { return estimates_.weight(collection_.items[item].file); }

  const Collection& collection_;
  const Partition& partition_;
  const Estimates& estimates_;

  bool ordered_ = false;  // shared parts are not overtaken
  std::deque<WorkPart> shared_;
  std::vector<Own> own_;
  // Sums over all parts.
  std::size_t size_ = 0, free_ = 0;
  double weight_ = 0;
};

}  // namespace trun
