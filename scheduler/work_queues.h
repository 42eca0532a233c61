// WorkQueues: where the parts of a WorkPool are, and the sums over all of them. Each part is a slot's own, allotted to
// a slot, or shared. Takes parts out of one place and puts them into another; decides nothing.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "runner/base/invariant.h"
#include "scheduler/shared_parts.h"
#include "scheduler/work_cutter.h"

namespace trun {

/// The weights that the tests in a worker's queue had when they were given out.
class QueuedWeights {
 public:
  double sum() const { return sum_; }
  void push_back(double weight) {
    each_.push_back(weight);
    sum_ += weight;
  }
  void pop_front() {
    invariant(!each_.empty(), "a test finished that was not given out");
    take_off(each_.front());
    each_.pop_front();
  }
  void pop_back() {
    invariant(!each_.empty(), "a test came back that was not given out");
    take_off(each_.back());
    each_.pop_back();
  }

 private:
  // Sums of doubles drift: with an empty queue it is 0 again.
  void take_off(double weight) { sum_ = each_.size() == 1 ? 0 : std::max(0.0, sum_ - weight); }

  std::deque<double> each_;
  double sum_ = 0;
};

class WorkQueues {
 public:
  struct OfSlot {
    // Parts come and go by the functions below, which keep the sums. Their order and pins anybody may change.
    std::deque<WorkPart> parts;  ///< its own
    double weight = 0;
    std::deque<WorkPart> allotted;  ///< in collection order; nothing isolated
    double allotted_weight = 0;
    QueuedWeights queued;
    std::optional<ItemIndex> last;  ///< the hindmost that the process in the slot was given
  };

  /// `cutter` and `partition` must outlive it. There is one more than `slots`, which is nobody's.
  WorkQueues(const WorkCutter& cutter, const Partition& partition, unsigned slots)
      : cutter_(cutter), partition_(partition), shared_(partition), slots_(slots + 1) {}

  OfSlot& operator[](Slot slot) { return slots_[slot]; }
  const OfSlot& operator[](Slot slot) const { return slots_[slot]; }
  /// How many there are, without nobody's.
  Slot slots() const { return static_cast<Slot>(slots_.size() - 1); }
  const SharedParts& shared() const { return shared_; }

  /// Into a slot's own parts, kept in collection order behind the pinned ones.
  void add(Slot slot, WorkPart part);
  /// The same at either end, its cost brought up to date.
  void put(Slot slot, WorkPart part, bool front);
  /// Takes one of a slot's own from either end. REQUIRES: there is one.
  WorkPart pull(Slot slot, bool front);

  /// Among the shared ones, and out of them.
  void share(WorkPart part, bool front);
  WorkPart unshare(SharedParts::Place at);

  /// Into a slot's allotment, kept in collection order, and out of it at either end. REQUIRES: there is one.
  void allot(Slot slot, WorkPart part);
  WorkPart unallot(Slot slot, bool front);

  /// Takes everything.
  std::vector<ItemIndex> drain();

  std::size_t size() const { return size_; }
  double weight() const { return weight_; }
  /// Items and (sticky) parts that any worker may have.
  std::size_t free() const { return free_; }
  /// Those of one kind.
  std::size_t free_of(KindIndex kind) const;

 private:
  static std::size_t free_in(const WorkPart& part, bool shared) { return part.sticky ? (shared ? 1 : 0) : part.size(); }
  void book(const WorkPart& part, bool shared);
  void unbook(const WorkPart& part, bool shared);

  const WorkCutter& cutter_;
  const Partition& partition_;

  SharedParts shared_;
  std::vector<OfSlot> slots_;
  // Sums over all parts.
  std::size_t size_ = 0, free_ = 0;
  double weight_ = 0;
};

}  // namespace trun
