#include "scheduler/work_queues.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace trun {
namespace {

WorkPart pop(std::deque<WorkPart>& parts, bool front) {
  WorkPart part = std::move(front ? parts.front() : parts.back());
  front ? parts.pop_front() : parts.pop_back();
  return part;
}

}  // namespace

void WorkQueues::add(Slot slot, WorkPart added) {
  OfSlot& own = slots_[slot];
  // What stays comes before all that may be moved, which goes from the back.
  const auto goes_before = [&](const WorkPart& part) {
    return !part.pinned && (added.pinned || part.front() > added.front());
  };
  auto at = own.parts.end();
  while (at != own.parts.begin() && goes_before(*std::prev(at))) --at;
  own.weight += added.cost;
  book(added, false);
  own.parts.insert(at, std::move(added));
}

void WorkQueues::put(Slot slot, WorkPart part, bool front) {
  OfSlot& own = slots_[slot];
  // Estimates have moved on while it was out. Inside the queues its cost must not change: pull() and unbook() subtract
  // what put() and book() have added.
  cutter_.reweigh(part);
  own.weight += part.cost;
  book(part, false);
  if (front)
    own.parts.push_front(std::move(part));
  else
    own.parts.push_back(std::move(part));
}

WorkPart WorkQueues::pull(Slot slot, bool front) {
  OfSlot& own = slots_[slot];
  WorkPart part = pop(own.parts, front);
  // Sums of doubles drift; an empty queue weighs nothing.
  own.weight = own.parts.empty() ? 0 : std::max(0.0, own.weight - part.cost);
  unbook(part, false);
  return part;
}

void WorkQueues::share(WorkPart part, bool front) {
  book(part, true);
  shared_.push(std::move(part), front);
}

WorkPart WorkQueues::unshare(SharedParts::Place at) {
  WorkPart part = shared_.take(at);
  unbook(part, true);
  return part;
}

void WorkQueues::allot(Slot slot, WorkPart part) {
  OfSlot& own = slots_[slot];
  own.allotted_weight += part.cost;
  book(part, true);
  auto at = own.allotted.end();
  while (at != own.allotted.begin() && std::prev(at)->front() > part.front()) --at;
  own.allotted.insert(at, std::move(part));
}

WorkPart WorkQueues::unallot(Slot slot, bool front) {
  OfSlot& own = slots_[slot];
  WorkPart part = pop(own.allotted, front);
  own.allotted_weight = own.allotted.empty() ? 0 : std::max(0.0, own.allotted_weight - part.cost);
  unbook(part, true);
  return part;
}

std::vector<ItemIndex> WorkQueues::drain() {
  std::vector<ItemIndex> items;
  const auto empty = [&](const WorkPart& part) {
    items.insert(items.end(), part.items.begin() + static_cast<std::ptrdiff_t>(part.next), part.items.end());
  };
  // first({}) wants nothing in particular, so it finds a part as long as there is one.
  while (!shared_.empty()) empty(unshare(*shared_.first({})));
  for (Slot slot = 0; slot < slots_.size(); ++slot) {
    while (!slots_[slot].parts.empty()) empty(pull(slot, true));
    while (!slots_[slot].allotted.empty()) empty(unallot(slot, true));
  }
  return items;
}

std::size_t WorkQueues::free_of(KindIndex kind) const {
  std::size_t free = shared_.free_of(kind);
  for (const OfSlot& own : slots_) {
    for (const WorkPart& part : own.parts) {
      if (partition_.kind_of(part.front()) == kind) free += free_in(part, false);
    }
  }
  return free;
}

void WorkQueues::book(const WorkPart& part, bool shared) {
  weight_ += part.cost;
  size_ += part.size();
  free_ += free_in(part, shared);
}

void WorkQueues::unbook(const WorkPart& part, bool shared) {
  size_ -= part.size();
  free_ -= free_in(part, shared);
  // The same drift, over all parts.
  weight_ = size_ == 0 ? 0 : std::max(0.0, weight_ - part.cost);
}

}  // namespace trun
