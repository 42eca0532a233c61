#include "scheduler/work_pool.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <numeric>

#include "scheduler/plan.h"

namespace trun {
namespace {

// A process that runs what comes before what it has run meets state that neither pytest nor xdist shows to a test: only
// to spare others more work than this.
constexpr double kWorthGoingBack = 250e6;

WorkPart pop(std::deque<WorkPart>& parts, bool front) {
  WorkPart part = std::move(front ? parts.front() : parts.back());
  front ? parts.pop_front() : parts.pop_back();
  return part;
}

}  // namespace

// Who runs what. A process runs files in the order of the collection; what is left to decide is which. All units are
// divided beforehand, longest first, each to the slot with the least so far (a unit of more than an equal share is cut,
// if it may be), and every slot runs its allotment in collection order. A long file need not come first for that: its
// slot has so much less beside it. Two workers, files with their estimates in seconds:
//
//   a:1 b:1 c:6 d:2 e:2     longest first: c to gw0; d e a b to gw1       gw0: c    gw1: a b d e    6 s
//
// Estimates are wrong, and workers are slow or die. Who has run out of its allotment shares that of the richest other,
// longest first again; if all is begun, it takes the back half of what another is in the middle of. Only there may a
// file come before what the process has run, and only where it pays (kWorthGoingBack):
//
//   gw1 has run a b d e; gw0 is at c and has f, g behind it               f to gw1, g stays: both are ahead of e
//   gw1 has run f; gw0 is at c, and 5 s of it are left                    half of c to gw1
//   the same, and 0.1 s of it are left                                    nothing: gw1 waits

WorkPool::WorkPool(const Collection& collection, const Partition& partition, const Estimates& estimates, unsigned slots)
    : collection_(collection),
      partition_(partition),
      estimates_(estimates),
      cutter_(collection, partition, estimates),
      shared_(partition),
      own_(slots + 1) {}

void WorkPool::share_all(bool collection_order) {
  ordered_ = collection_order;
  const bool gated = !partition_.kind.empty();
  std::vector<WorkPart> isolated, plain;
  for (const std::vector<ItemIndex>& unit : partition_.units) {
    WorkPart whole = part(unit);
    if (!ordered_ && partition_.cell_of(whole.front()) != 0)
      isolated.push_back(std::move(whole));
    else if (!ordered_ && !gated)
      plain.push_back(std::move(whole));
    else
      share(std::move(whole), false);
  }
  // What is isolated wants fresh processes, and these are there now: later it costs processes with fixtures set up.
  std::stable_sort(isolated.begin(), isolated.end(), [](const auto& a, const auto& b) { return a.cost > b.cost; });
  for (auto part = isolated.rbegin(); part != isolated.rend(); ++part) share(std::move(*part), true);
  divide(std::move(plain));
}

void WorkPool::divide(std::vector<WorkPart> parts) {
  const auto slots = own_.size() - 1;
  std::vector<WorkPart> pieces = cutter_.in_pieces(std::move(parts), slots);
  std::vector<double> costs;
  for (const WorkPart& piece : pieces) costs.push_back(piece.cost);
  const std::vector<Slot> owners = least_loaded(costs, std::vector<double>(slots));
  for (std::size_t i = 0; i < pieces.size(); ++i) allot(owners[i], std::move(pieces[i]));
}

void WorkPool::add(Slot slot, WorkPart added) {
  std::deque<WorkPart>& parts = own_[slot].parts;
  // What stays comes before all that may be moved, which goes from the back.
  const auto goes_before = [&](const WorkPart& part) {
    return !part.pinned && (added.pinned || part.front() > added.front());
  };
  auto at = parts.end();
  while (at != parts.begin() && goes_before(*std::prev(at))) --at;
  book(own_[slot], added);
  parts.insert(at, std::move(added));
}

std::vector<ItemIndex> WorkPool::take(Slot slot, const ChunkSize& chunk) {
  std::vector<ItemIndex> taken;
  Own& own = own_[slot];
  double left = chunk.nanoseconds / estimates_.factor();
  std::size_t spare = chunk.spare;
  Wanted wanted(chunk.cell, chunk.candidate ? std::optional(chunk.candidate->kind) : std::nullopt);
  while (taken.size() < std::min(chunk.items, chunk.most) && (taken.empty() || left > 0)) {
    if (!taken.empty() && !goes_on(slot, left, wanted)) break;
    // What demands something is taken from one part: of one file.
    if (!taken.empty() && wanted.kind.value_or(0) != 0) break;
    const bool has_part =
        chunk.candidate ? bring_up(slot, wanted, chunk.candidate->own || *wanted.kind == 0) : !own.parts.empty();
    if (!has_part) {
      if (spare == 0 || !draw(slot, wanted)) break;
      if (own.parts.front().sticky) --spare;
    }
    if (!own.parts.front().sticky && spare == 0) break;
    if (!partition_.fits(own.parts.front().front(), wanted)) break;
    wanted.cell = partition_.cell_of(own.parts.front().front());
    WorkPart part = pull(own, true);
    ChunkSize rest = chunk;
    rest.items = std::min(chunk.items - taken.size(), part.sticky ? part.size() : spare);
    rest.exact = chunk.exact || (!part.sticky && spare < part.size());
    if (!part.sticky && estimates_.guessed(collection_.items[part.front()].file))
      rest.items = std::min(rest.items, chunk.guessed);
    std::size_t count = cutter_.cut(part, rest, taken.empty() ? std::max(left, 0.0) : left);
    count = cutter_.like_first(part, std::min(count, chunk.most - taken.size()));
    if (!part.sticky) spare -= std::min(spare, count);
    for (std::size_t i = 0; i < count; ++i) {
      const double weight = cutter_.item_weight(part.front());
      left -= weight;
      own.queued += weight;
      part.cost = std::max(0.0, part.cost - weight);
      own.last = std::max(own.last.value_or(0), part.front());
      taken.push_back(part.items[part.next++]);
    }
    if (part.empty()) continue;
    part.pinned = part.pinned || part.sticky;
    put(own, std::move(part), true);
    break;
  }
  return taken;
}

// Where tests demand something, a slot may leave what it is in the middle of. Brings the first of its parts that is
// wanted to the front; false: there is none, or it is to be another's, and what others may run as well is shared again.
bool WorkPool::bring_up(Slot slot, const Wanted& wanted, bool own_part) {
  Own& own = own_[slot];
  const auto fits = [&](const WorkPart& part) { return partition_.fits(part.front(), wanted); };
  const auto found = std::find_if(own.parts.begin(), own.parts.end(), fits);
  if (own_part && found != own.parts.end()) {
    std::rotate(own.parts.begin(), found, found + 1);
    return true;
  }
  std::deque<WorkPart> stays;
  while (!own.parts.empty()) {
    WorkPart part = pull(own, false);
    if (part.sticky)
      stays.push_front(std::move(part));
    else
      share(std::move(part), true);
  }
  for (WorkPart& part : stays) put(own, std::move(part), false);
  return false;
}

bool WorkPool::has_for(Slot slot, std::size_t spare, const Wanted& wanted) const {
  const std::deque<WorkPart>& parts = own_[slot].parts;
  const auto can_be_had = [&](const WorkPart& part) {
    return (part.sticky || spare > 0) && partition_.fits(part.front(), wanted);
  };
  if (!parts.empty() && !wanted.kind) return can_be_had(parts.front());
  if (std::any_of(parts.begin(), parts.end(), can_be_had)) return true;
  return spare > 0 && (first_for(slot, wanted) != nullptr || richest_allotted(slot, wanted) || richest(slot, wanted));
}

std::vector<Candidate> WorkPool::candidates(Slot slot, std::optional<std::uint32_t> cell) const {
  std::vector<Candidate> found;
  const auto add = [&](const WorkPart& part, bool own) {
    const Candidate candidate{partition_.kind_of(part.front()), own};
    if (!partition_.fits(part.front(), cell)) return;
    if (std::find(found.begin(), found.end(), candidate) == found.end()) found.push_back(candidate);
  };
  for (const WorkPart& part : own_[slot].parts) {
    add(part, true);
    if (ordered_) return found;
  }
  // Nothing is allotted where somebody demands something.
  if (ordered_) {
    if (!shared_.empty()) add(shared_.at(*shared_.first({})), false);
    return found;
  }
  for (const KindIndex kind : shared_.kinds(cell)) found.push_back({kind, false});
  for (Slot other = 0; other + 1 < own_.size(); ++other) {
    if (other != slot && may_be_split(other, slot)) add(own_[other].parts.front(), false);
  }
  return found;
}

std::optional<ItemIndex> WorkPool::next(Slot slot, const Wanted& wanted) const {
  const auto fits = [&](const WorkPart& part) { return partition_.fits(part.front(), wanted); };
  const std::deque<WorkPart>& parts = own_[slot].parts;
  const auto own = std::find_if(parts.begin(), parts.end(), fits);
  if (own != parts.end()) return own->front();
  const WorkPart* first = first_for(slot, wanted);
  return first != nullptr ? std::optional(first->front()) : std::nullopt;
}

std::size_t WorkPool::free_of(KindIndex kind) const {
  std::size_t free = shared_.free_of(kind);
  for (const Own& own : own_) {
    for (const WorkPart& part : own.parts) {
      if (partition_.kind_of(part.front()) == kind) free += free_in(part, false);
    }
  }
  return free;
}

bool WorkPool::continues(Slot slot, ItemIndex last, std::optional<std::uint32_t> cell) const {
  const std::deque<WorkPart>& parts = own_[slot].parts;
  return !parts.empty() && collection_.items[parts.front().front()].file == collection_.items[last].file &&
         partition_.fits(parts.front().front(), Wanted(cell, partition_.kind_of(last)));
}

bool WorkPool::waits(KindIndex kind, Slot slot) const {
  if (slot + 1 >= own_.size()) return first_shared(Wanted({}, kind)).has_value();
  const std::deque<WorkPart>& parts = own_[slot].parts;
  // In collection order what stands behind the first cannot be had yet: nobody is to make way for it.
  const auto end = ordered_ && !parts.empty() ? parts.begin() + 1 : parts.end();
  return std::any_of(parts.begin(), end,
                     [&](const WorkPart& part) { return partition_.kind_of(part.front()) == kind; });
}

void WorkPool::finished(Slot slot, ItemIndex item, bool all) {
  Own& own = own_[slot];
  own.queued = all ? 0 : std::max(0.0, own.queued - cutter_.item_weight(item));
}

void WorkPool::renew(Slot slot) {
  own_[slot].last.reset();
  own_[slot].queued = 0;
}

void WorkPool::give_back(Slot slot, const std::deque<ItemIndex>& items, bool keep) {
  Own& own = own_[slot];
  put_back(own, items);
  // Nothing of it is with a worker any more: it may be moved.
  for (WorkPart& rest : own.parts) rest.pinned = false;
  renew(slot);
  if (keep) return;
  while (!own.allotted.empty()) share(unallot(slot, false), true);
  while (!own.parts.empty()) share(pull(own, false), true);
}

void WorkPool::take_back(Slot slot, const std::deque<ItemIndex>& items, const Begun& begun, bool keep) {
  Own& own = own_[slot];
  put_back(own, items);
  if (own.parts.empty()) return;
  const bool first = begun(own.parts.front().front());
  own.parts.front().pinned = false;
  for (WorkPart& part : own.parts) part.pinned = part.pinned || (part.sticky && begun(part.front()));
  if (keep) return;
  std::deque<WorkPart> stays;
  while (!own.parts.empty()) {
    WorkPart part = pull(own, false);
    if (part.pinned || (first && own.parts.empty()))
      stays.push_front(std::move(part));
    else
      share(std::move(part), true);
  }
  for (WorkPart& part : stays) put(own, std::move(part), false);
}

void WorkPool::put_back(Own& own, const std::deque<ItemIndex>& items) {
  std::size_t end = items.size();
  while (end > 0) {
    const std::uint32_t unit = partition_.unit[items[end - 1]];
    std::size_t begin = end - 1;
    while (begin > 0 && partition_.unit[items[begin - 1]] == unit) --begin;
    std::vector<ItemIndex> together(items.begin() + begin, items.begin() + end);
    rejoin(own, unit, together);
    std::sort(together.begin(), together.end());
    put(own, part(std::move(together)), true);
    end = begin;
  }
}

// What the worker had not been given yet of the same unit belongs together with what it had.
void WorkPool::rejoin(Own& own, std::uint32_t unit, std::vector<ItemIndex>& together) {
  const auto at = std::find_if(own.parts.begin(), own.parts.end(), [&](const WorkPart& p) { return p.unit == unit; });
  if (at == own.parts.end()) return;
  std::rotate(own.parts.begin(), at, at + 1);
  const WorkPart rest = pull(own, true);
  together.insert(together.end(), rest.items.begin() + static_cast<std::ptrdiff_t>(rest.next), rest.items.end());
}

std::vector<WorkPart> WorkPool::steal(Slot victim, double weight, bool all) {
  Own& own = own_[victim];
  std::vector<WorkPart> stolen;
  while (!own.parts.empty() && !own.parts.back().pinned && (all || own.parts.size() > 1)) {
    if (!stolen.empty() && own.parts.back().cost > weight) break;
    weight -= own.parts.back().cost;
    stolen.push_back(pull(own, false));
    if (weight <= 0) break;
  }
  std::reverse(stolen.begin(), stolen.end());
  return stolen;
}

std::deque<WorkPart> WorkPool::take_all(Slot slot) {
  std::deque<WorkPart> all;
  while (!own_[slot].parts.empty()) all.push_back(pull(own_[slot], true));
  return all;
}

std::vector<ItemIndex> WorkPool::drain() {
  std::vector<ItemIndex> items;
  const auto empty = [&](const WorkPart& part) {
    items.insert(items.end(), part.items.begin() + static_cast<std::ptrdiff_t>(part.next), part.items.end());
  };
  while (!shared_.empty()) empty(unshare(*shared_.first({})));
  for (Slot slot = 0; slot < own_.size(); ++slot) {
    while (!own_[slot].parts.empty()) empty(pull(own_[slot], true));
    while (!own_[slot].allotted.empty()) empty(unallot(slot, true));
  }
  return items;
}

bool WorkPool::worth_moving(double weight) const {
  return !estimates_.measured() || weight * estimates_.factor() >= kWorthMoving;
}

void WorkPool::book(Own& own, const WorkPart& part) {
  own.weight += part.cost;
  weight_ += part.cost;
  size_ += part.size();
  free_ += free_in(part, false);
}

void WorkPool::put(Own& own, WorkPart part, bool front) {
  cutter_.reweigh(part);
  book(own, part);
  if (front)
    own.parts.push_front(std::move(part));
  else
    own.parts.push_back(std::move(part));
}

WorkPart WorkPool::pull(Own& own, bool front) {
  WorkPart part = pop(own.parts, front);
  own.weight = own.parts.empty() ? 0 : std::max(0.0, own.weight - part.cost);
  size_ -= part.size();
  free_ -= free_in(part, false);
  weight_ = size_ == 0 ? 0 : std::max(0.0, weight_ - part.cost);
  return part;
}

void WorkPool::share(WorkPart part, bool front) {
  weight_ += part.cost;
  size_ += part.size();
  free_ += free_in(part, true);
  shared_.push(std::move(part), front);
}

WorkPart WorkPool::unshare(SharedParts::Place at) {
  WorkPart part = shared_.take(at);
  size_ -= part.size();
  free_ -= free_in(part, true);
  weight_ = size_ == 0 ? 0 : std::max(0.0, weight_ - part.cost);
  return part;
}

// Whether the next file belongs into a chunk that has begun: a big one is better begun later, perhaps by another.
bool WorkPool::goes_on(Slot slot, double weight_left, const Wanted& wanted) const {
  if (!own_[slot].parts.empty()) return own_[slot].parts.front().cost <= 2 * weight_left;
  const WorkPart* next = first_for(slot, wanted);
  return next != nullptr && next->cost <= 2 * weight_left;
}

std::optional<SharedParts::Place> WorkPool::first_shared(const Wanted& wanted) const {
  if (!ordered_) return shared_.first(wanted);
  const auto first = shared_.first({});
  return first && partition_.fits(shared_.at(*first).front(), wanted) ? first : std::nullopt;
}

void WorkPool::allot(Slot slot, WorkPart part) {
  Own& own = own_[slot];
  own.allotted_weight += part.cost;
  weight_ += part.cost;
  size_ += part.size();
  free_ += free_in(part, true);
  auto at = own.allotted.end();
  while (at != own.allotted.begin() && std::prev(at)->front() > part.front()) --at;
  own.allotted.insert(at, std::move(part));
}

WorkPart WorkPool::unallot(Slot slot, bool front) {
  Own& own = own_[slot];
  WorkPart part = pop(own.allotted, front);
  own.allotted_weight = own.allotted.empty() ? 0 : std::max(0.0, own.allotted_weight - part.cost);
  size_ -= part.size();
  free_ -= free_in(part, true);
  weight_ = size_ == 0 ? 0 : std::max(0.0, weight_ - part.cost);
  return part;
}

bool WorkPool::is_ahead(Slot slot, const WorkPart& part) const {
  return !own_[slot].last || part.front() > *own_[slot].last;
}

// Whether a process may run what comes before what it has run, to spare `victim` some of what it has. What demands
// something is begun when that is there, not in order: nor is, in such a run, what is done in between.
bool WorkPool::may_go_back(Slot victim) const {
  if (!partition_.kind.empty()) return true;
  const double weight = own_[victim].weight + own_[victim].allotted_weight;
  return estimates_.measured() && weight * estimates_.factor() >= kWorthGoingBack;
}

// What `slot` would go on with, of what nobody else has begun or is to have: the first of its allotment, or of the
// shared parts if that comes between what it has run and the former.
const WorkPart* WorkPool::first_for(Slot slot, const Wanted& wanted) const {
  const std::deque<WorkPart>& allotted = own_[slot].allotted;
  const bool has_allotted = !allotted.empty() && partition_.fits(allotted.front().front(), wanted);
  const auto shared = first_shared(wanted);
  if (!shared) return has_allotted ? &allotted.front() : nullptr;
  const WorkPart& part = shared_.at(*shared);
  if (!has_allotted || partition_.cell_of(part.front()) != 0) return &part;
  return is_ahead(slot, part) && part.front() < allotted.front().front() ? &part : &allotted.front();
}

// The other slot with the most to do, if some of its allotment may be this one's, and would be begun earlier here.
std::optional<Slot> WorkPool::richest_allotted(Slot except, const Wanted& wanted) const {
  const auto left = [&](Slot s) { return own_[s].queued + own_[s].weight + own_[s].allotted_weight; };
  std::optional<Slot> best;
  for (Slot slot = 0; slot + 1 < own_.size(); ++slot) {
    const Own& own = own_[slot];
    if (slot == except || own.allotted.empty() || !partition_.fits(own.allotted.front().front(), wanted)) continue;
    if (!is_ahead(except, own.allotted.back()) && !may_go_back(slot)) continue;
    const double queued = own_[except].queued;
    if (queued > 0 && queued > left(slot) - own.allotted.back().cost) continue;
    if (!best || left(slot) > left(*best)) best = slot;
  }
  return best;
}

// Divides the allotment of `victim` between both; at least one part of it goes to `slot`, which has none.
void WorkPool::level(Slot slot, Slot victim) {
  const bool back = may_go_back(victim);
  std::vector<WorkPart> parts, stay;
  while (!own_[victim].allotted.empty()) {
    WorkPart part = unallot(victim, true);
    cutter_.reweigh(part);
    (back || is_ahead(slot, part) ? parts : stay).push_back(std::move(part));
  }
  double stays = own_[victim].queued + own_[victim].weight;
  for (WorkPart& part : stay) {
    stays += part.cost;
    allot(victim, std::move(part));
  }
  std::vector<double> costs;
  for (const WorkPart& part : parts) costs.push_back(part.cost);
  std::vector<Slot> owners = least_loaded(costs, {own_[slot].queued + own_[slot].weight, stays});
  if (std::count(owners.begin(), owners.end(), 0U) == 0) owners.back() = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) allot(owners[i] == 0 ? slot : victim, std::move(parts[i]));
}

// Makes sure that `slot` has a part of its own, if there is one to be had that is `wanted`.
bool WorkPool::draw(Slot slot, const Wanted& wanted) {
  const WorkPart* first = first_for(slot, wanted);
  if (first == nullptr) {
    const std::optional<Slot> other = richest_allotted(slot, wanted);
    if (!other) return rob(slot, wanted);
    level(slot, *other);
    first = first_for(slot, wanted);
  }
  const bool allotted = !own_[slot].allotted.empty() && first == &own_[slot].allotted.front();
  put(own_[slot], allotted ? unallot(slot, true) : unshare(*first_shared(wanted)), true);
  return true;
}

// The back half of the part that the richest other slot is in the middle of, so that both go on with one file each.
bool WorkPool::rob(Slot slot, const Wanted& wanted) {
  const std::optional<Slot> victim = richest(slot, wanted);
  if (!victim) return false;
  WorkPart part = pull(own_[*victim], true);
  WorkPart half = cutter_.split_back(part);
  if (!part.empty()) put(own_[*victim], std::move(part), true);
  put(own_[slot], std::move(half), true);
  return true;
}

// Whether `thief` may have some of what `victim` is in the middle of.
bool WorkPool::may_be_split(Slot victim, Slot thief) const {
  const Own& own = own_[victim];
  if (own.parts.empty() || own.parts.front().sticky || !worth_moving(own.weight)) return false;
  return is_ahead(thief, own.parts.front()) || may_go_back(victim);
}

std::optional<Slot> WorkPool::richest(Slot except, const Wanted& wanted) const {
  std::optional<Slot> best;
  for (Slot slot = 0; slot + 1 < own_.size(); ++slot) {
    if (slot == except || !may_be_split(slot, except)) continue;
    if (!partition_.fits(own_[slot].parts.front().front(), wanted)) continue;
    if (!best || own_[slot].weight > own_[*best].weight) best = slot;
  }
  return best;
}

}  // namespace trun
