#include "scheduler/work_pool.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <numeric>

namespace trun {
namespace {

// Setting up a module on a second worker costs about this much: less is not worth a move.
constexpr double kWorthMoving = 2e6;

}  // namespace

WorkPool::WorkPool(const Collection& collection, const Partition& partition, const Estimates& estimates, unsigned slots)
    : collection_(collection), partition_(partition), estimates_(estimates), own_(slots + 1) {}

void WorkPool::share_all(bool collection_order) {
  std::vector<std::pair<double, std::size_t>> order;
  for (std::size_t i = 0; i < partition_.units.size(); ++i) order.emplace_back(weigh(partition_.units[i], 0), i);
  ordered_ = collection_order;
  if (!collection_order) {
    // What is isolated wants fresh processes, and these are there now: later it costs processes with fixtures set up.
    const auto isolated = [&](std::size_t unit) { return partition_.cell_of(partition_.units[unit].front()) != 0; };
    std::stable_sort(order.begin(), order.end(), [&](const auto& a, const auto& b) {
      return std::make_pair(isolated(a.second), a.first) > std::make_pair(isolated(b.second), b.first);
    });
  }
  for (const auto& [weight, unit] : order) share(part(partition_.units[unit]), false);
}

WorkPart WorkPool::part(std::vector<ItemIndex> items) const {
  assert(!items.empty() && "a part without tests");
  WorkPart made;
  made.unit = partition_.unit[items.front()];
  made.sticky = partition_.sticky[made.unit];
  made.cost = weigh(items, 0);
  made.items = std::move(items);
  return made;
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
    std::size_t count = cut(part, rest, taken.empty() ? std::max(left, 0.0) : left);
    count = like_first(part, std::min(count, chunk.most - taken.size()));
    if (!part.sticky) spare -= std::min(spare, count);
    for (std::size_t i = 0; i < count; ++i) {
      const double weight = item_weight(part.front());
      left -= weight;
      part.cost = std::max(0.0, part.cost - weight);
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

// How many of the first `count` tests of `part` share a process, and what they demand.
std::size_t WorkPool::like_first(const WorkPart& part, std::size_t count) const {
  if (partition_.cell.empty() && partition_.kind.empty()) return count;
  const Wanted first(partition_.cell_of(part.front()), partition_.kind_of(part.front()));
  std::size_t same = 1;
  while (same < count && partition_.fits(part.items[part.next + same], first)) ++same;
  return same;
}

bool WorkPool::has_for(Slot slot, std::size_t spare, const Wanted& wanted) const {
  const std::deque<WorkPart>& parts = own_[slot].parts;
  const auto can_be_had = [&](const WorkPart& part) {
    return (part.sticky || spare > 0) && partition_.fits(part.front(), wanted);
  };
  if (!parts.empty() && !wanted.kind) return can_be_had(parts.front());
  if (std::any_of(parts.begin(), parts.end(), can_be_had)) return true;
  return spare > 0 && (first_shared(wanted) != shared_.end() || richest(slot, wanted));
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
  for (const WorkPart& part : shared_) {
    add(part, false);
    if (ordered_) return found;
  }
  for (Slot other = 0; other + 1 < own_.size(); ++other) {
    const Own& own = own_[other];
    if (other == slot || own.parts.empty() || own.parts.front().sticky || !worth_moving(own.weight)) continue;
    add(own.parts.front(), false);
  }
  return found;
}

std::optional<ItemIndex> WorkPool::next(Slot slot, const Wanted& wanted) const {
  const auto fits = [&](const WorkPart& part) { return partition_.fits(part.front(), wanted); };
  const std::deque<WorkPart>& parts = own_[slot].parts;
  const auto own = std::find_if(parts.begin(), parts.end(), fits);
  if (own != parts.end()) return own->front();
  const auto shared = first_shared(wanted);
  if (shared != shared_.end()) return shared->front();
  return std::nullopt;
}

std::size_t WorkPool::free_of(KindIndex kind) const {
  std::size_t free = 0;
  const auto add = [&](const WorkPart& part, bool shared) {
    if (partition_.kind_of(part.front()) == kind) free += free_in(part, shared);
  };
  for (const WorkPart& part : shared_) add(part, true);
  for (const Own& own : own_) {
    for (const WorkPart& part : own.parts) add(part, false);
  }
  return free;
}

bool WorkPool::continues(Slot slot, ItemIndex last, std::optional<std::uint32_t> cell) const {
  const std::deque<WorkPart>& parts = own_[slot].parts;
  return !parts.empty() && collection_.items[parts.front().front()].file == collection_.items[last].file &&
         partition_.fits(parts.front().front(), Wanted(cell, partition_.kind_of(last)));
}

bool WorkPool::waits(KindIndex kind, Slot slot) const {
  const std::deque<WorkPart>& parts = slot + 1 < own_.size() ? own_[slot].parts : shared_;
  // In collection order what stands behind the first cannot be had yet: nobody is to make way for it.
  const auto end = ordered_ && !parts.empty() ? parts.begin() + 1 : parts.end();
  return std::any_of(parts.begin(), end,
                     [&](const WorkPart& part) { return partition_.kind_of(part.front()) == kind; });
}

void WorkPool::give_back(Slot slot, const std::deque<ItemIndex>& items, bool keep) {
  Own& own = own_[slot];
  put_back(own, items);
  // Nothing of it is with a worker any more: it may be moved.
  for (WorkPart& rest : own.parts) rest.pinned = false;
  while (!keep && !own.parts.empty()) share(pull(own, false), true);
}

void WorkPool::take_back(Slot slot, const std::deque<ItemIndex>& items, std::optional<ItemIndex> last, bool keep) {
  Own& own = own_[slot];
  put_back(own, items);
  if (own.parts.empty()) return;
  const bool begun = last && partition_.unit[*last] == own.parts.front().unit;
  own.parts.front().pinned = begun && own.parts.front().sticky;
  if (keep) return;
  std::deque<WorkPart> stays;
  while (!own.parts.empty()) {
    WorkPart part = pull(own, false);
    if (part.pinned || (begun && own.parts.empty()))
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
  while (!shared_.empty()) empty(unshare(shared_.begin()));
  for (Own& own : own_) {
    while (!own.parts.empty()) empty(pull(own, true));
  }
  return items;
}

bool WorkPool::worth_moving(double weight) const {
  return !estimates_.measured() || weight * estimates_.factor() >= kWorthMoving;
}

std::size_t WorkPool::free_in(const WorkPart& part, bool shared) {
  if (part.sticky) return shared ? 1 : 0;
  return part.size();
}

void WorkPool::book(Own& own, const WorkPart& part) {
  own.weight += part.cost;
  weight_ += part.cost;
  size_ += part.size();
  free_ += free_in(part, false);
}

void WorkPool::put(Own& own, WorkPart part, bool front) {
  reweigh(part);
  book(own, part);
  if (front)
    own.parts.push_front(std::move(part));
  else
    own.parts.push_back(std::move(part));
}

// The estimates may have changed; the tests of one file all weigh the same.
void WorkPool::reweigh(WorkPart& part) const {
  const FileIndex first = collection_.items[part.front()].file;
  if (first == collection_.items[part.items.back()].file) {
    part.cost = estimates_.weight(first) * static_cast<double>(part.size());
  }
}

WorkPart WorkPool::pull(Own& own, bool front) {
  WorkPart part = std::move(front ? own.parts.front() : own.parts.back());
  if (front)
    own.parts.pop_front();
  else
    own.parts.pop_back();
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
  if (front)
    shared_.push_front(std::move(part));
  else
    shared_.push_back(std::move(part));
}

WorkPart WorkPool::unshare(std::deque<WorkPart>::const_iterator at) {
  const auto place = shared_.begin() + (at - shared_.cbegin());
  WorkPart part = std::move(*place);
  shared_.erase(place);
  size_ -= part.size();
  free_ -= free_in(part, true);
  weight_ = size_ == 0 ? 0 : std::max(0.0, weight_ - part.cost);
  return part;
}

// Whether the next file belongs into a chunk that has begun: a big one is better begun later, perhaps by another.
bool WorkPool::goes_on(Slot slot, double weight_left, const Wanted& wanted) const {
  if (!own_[slot].parts.empty()) return own_[slot].parts.front().cost <= 2 * weight_left;
  const auto next = first_shared(wanted);
  return next != shared_.end() && next->cost <= 2 * weight_left;
}

std::deque<WorkPart>::const_iterator WorkPool::first_shared(const Wanted& wanted) const {
  const auto fits = [&](const WorkPart& part) { return partition_.fits(part.front(), wanted); };
  const auto end = ordered_ && !shared_.empty() ? shared_.begin() + 1 : shared_.end();
  const auto found = std::find_if(shared_.begin(), end, fits);
  return found == end ? shared_.end() : found;
}

// Makes sure that `slot` has a part of its own, if there is one to be had that is `wanted`.
bool WorkPool::draw(Slot slot, const Wanted& wanted) {
  const auto found = first_shared(wanted);
  if (found == shared_.end()) return rob(slot, wanted);
  put(own_[slot], unshare(found), true);
  return true;
}

// The back half of the part that the richest other slot is in the middle of, so that both go on with one file each.
bool WorkPool::rob(Slot slot, const Wanted& wanted) {
  const std::optional<Slot> victim = richest(slot, wanted);
  if (!victim) return false;
  WorkPart part = pull(own_[*victim], true);
  WorkPart half = split_back(part);
  if (!part.empty()) put(own_[*victim], std::move(part), true);
  put(own_[slot], std::move(half), true);
  return true;
}

std::optional<Slot> WorkPool::richest(Slot except, const Wanted& wanted) const {
  std::optional<Slot> best;
  for (Slot slot = 0; slot + 1 < own_.size(); ++slot) {
    const Own& own = own_[slot];
    if (slot == except || own.parts.empty() || own.parts.front().sticky || !worth_moving(own.weight)) continue;
    if (!partition_.fits(own.parts.front().front(), wanted)) continue;
    if (!best || own.weight > own_[*best].weight) best = slot;
  }
  return best;
}

// How many tests from the front of `part` make a chunk. A part that is little more than a chunk stays together, and
// so does a class, as long as that does not double the chunk.
std::size_t WorkPool::cut(const WorkPart& part, const ChunkSize& chunk, double weight_left) const {
  const std::size_t most = std::min(chunk.items, part.size());
  // Tests that are longer than a chunk go one by one.
  if (item_weight(part.front()) > weight_left) return 1;
  std::size_t count = 1;
  for (double sum = item_weight(part.front()); count < most; ++count) {
    sum += item_weight(part.items[part.next + count]);
    if (sum > weight_left) break;
  }
  if (chunk.exact || count == part.size()) return count;
  if (part.size() <= 2 * count) return part.size();
  const auto scope = [&](std::size_t i) { return partition_.scope[part.items[part.next + i]]; };
  for (std::size_t i = count; i < 2 * count; ++i) {
    if (scope(i) != scope(i - 1)) return i;
  }
  for (std::size_t i = count - 1; i > count / 2; --i) {
    if (scope(i) != scope(i - 1)) return i;
  }
  return count;
}

// The smaller half in front stays; the cut is moved by up to a quarter to stand between two classes.
WorkPart WorkPool::split_back(WorkPart& split) const {
  const auto scope = [&](std::size_t i) { return partition_.scope[split.items[split.next + i]]; };
  const std::size_t size = split.size();
  std::size_t middle = size / 2;
  for (std::size_t off = 0; off <= size / 4; ++off) {
    if (middle > off && scope(middle - off) != scope(middle - off - 1)) {
      middle -= off;
      break;
    }
    if (middle > 0 && middle + off < size && scope(middle + off) != scope(middle + off - 1)) {
      middle += off;
      break;
    }
  }
  const auto at = split.items.begin() + static_cast<std::ptrdiff_t>(split.next + middle);
  WorkPart back = part(std::vector<ItemIndex>(at, split.items.end()));
  split.items.erase(at, split.items.end());
  split.cost = weigh(split.items, split.next);
  return back;
}

double WorkPool::weigh(const std::vector<ItemIndex>& items, std::size_t from) const {
  return std::accumulate(items.begin() + static_cast<std::ptrdiff_t>(from), items.end(), 0.0,
                         [&](double sum, ItemIndex item) { return sum + item_weight(item); });
}

}  // namespace trun
