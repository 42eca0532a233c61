#include "scheduler/work_pool.h"

#include <algorithm>

namespace trun {

WorkPool::WorkPool(const Collection& collection, const Partition& partition, const Estimates& estimates,
                   const TakeoverCost& cost, unsigned slots)
    : collection_(collection),
      partition_(partition),
      estimates_(estimates),
      cutter_(collection, partition, estimates),
      queues_(cutter_, partition, slots),
      division_(partition, estimates, cost, cutter_, queues_) {}

// A chunk is taken from the front of the slot's own parts. Only a slot without one draws another part (WorkDivision),
// so a worker is in the middle of one file at a time, and one module's fixtures are set up. Two workers, files a (items
// 0-5) and b (items 6-11), 100 ms a test, known from an earlier run. A test is longer than a chunk (25 ms), so each
// chunk is one test:
//
//   gw0 takes 0       a is allotted to it, b to gw1. It draws a: 1-5 are its own part now.
//   gw0 takes 1 to 5  from its own part, which is empty then. gw1 was given 6 and 7; its own part is 8-11.
//   gw0 takes 10      It has nothing of its own, nothing is allotted or shared: gw1's part is split. 8 and 9 stay, 10
//                     and 11 are gw0's.
//
// With --dist loadfile both parts are sticky: none is split, and gw0 gets nothing after 5. `spare` limits what others
// could have as well: each test of a part that may be split, and a sticky part once, when it is drawn. What is left of
// a sticky part that was begun does not count, since nobody else may run it.
std::vector<ItemIndex> WorkPool::take(Slot slot, const ChunkSize& chunk) {
  std::vector<ItemIndex> taken;
  WorkQueues::OfSlot& own = queues_[slot];
  // Weights are sums without the run's correction (Estimates::weight), so the limit is brought into their unit.
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
      if (spare == 0 || !division_.draw(slot, wanted)) break;
      if (own.parts.front().sticky) --spare;
    }
    if (!own.parts.front().sticky && spare == 0) break;
    // Tests of another cell need another process: the dispatcher recycles this one.
    if (!partition_.fits(own.parts.front().front(), wanted)) break;
    // A fresh process may run any cell: its first test decides which it is.
    wanted.cell = partition_.cell_of(own.parts.front().front());
    WorkPart part = queues_.pull(slot, true);
    ChunkSize rest = chunk;
    rest.items = std::min(chunk.items - taken.size(), part.sticky ? part.size() : spare);
    // Rounding up to a whole class would take what is to be left for others.
    rest.exact = chunk.exact || (!part.sticky && spare < part.size());
    if (!part.sticky && estimates_.guessed(collection_.items[part.front()].file))
      rest.items = std::min(rest.items, chunk.guessed);
    std::size_t count = cutter_.cut(part, rest, taken.empty() ? std::max(left, 0.0) : left);
    count = cutter_.like_first(part, std::min(count, chunk.most - taken.size()));
    if (!part.sticky) spare -= std::min(spare, count);
    for (std::size_t i = 0; i < count; ++i) {
      const double weight = cutter_.item_weight(part.front());
      left -= weight;
      own.queued.push_back(weight);
      part.cost = std::max(0.0, part.cost - weight);
      // The hindmost, not the latest: WorkDivision asks whether a part lies ahead of all that the process has run.
      own.last = std::max(own.last.value_or(0), part.front());
      taken.push_back(part.items[part.next++]);
    }
    if (part.empty()) continue;
    // A sticky unit that was begun stays here. Any other may still be split at its back.
    part.pinned = part.pinned || part.sticky;
    queues_.put(slot, std::move(part), true);
    break;
  }
  return taken;
}

// Where tests demand something, a slot may leave what it is in the middle of. Brings the first of its parts that is
// wanted to the front; false: there is none, or it is to be another's, and what others may run as well is shared again.
bool WorkPool::bring_up(Slot slot, const Wanted& wanted, bool own_part) {
  WorkQueues::OfSlot& own = queues_[slot];
  const auto fits = [&](const WorkPart& part) { return partition_.fits(part.front(), wanted); };
  const auto found = std::find_if(own.parts.begin(), own.parts.end(), fits);
  if (own_part && found != own.parts.end()) {
    std::rotate(own.parts.begin(), found, found + 1);
    return true;
  }
  // From the back to the front, here and below: what is put in front each time keeps its order.
  std::deque<WorkPart> stays;
  while (!own.parts.empty()) {
    WorkPart part = queues_.pull(slot, false);
    if (part.sticky)
      stays.push_front(std::move(part));
    else
      queues_.share(std::move(part), true);
  }
  for (WorkPart& part : stays) queues_.put(slot, std::move(part), false);
  return false;
}

bool WorkPool::has_for(Slot slot, std::size_t spare, const Wanted& wanted) const {
  const std::deque<WorkPart>& parts = own(slot);
  const auto can_be_had = [&](const WorkPart& part) {
    return (part.sticky || spare > 0) && partition_.fits(part.front(), wanted);
  };
  // Where nobody demands anything a slot goes on with its first part, whatever stands behind it.
  if (!parts.empty() && !wanted.kind) return can_be_had(parts.front());
  if (std::any_of(parts.begin(), parts.end(), can_be_had)) return true;
  return spare > 0 && division_.can_draw(slot, wanted);
}

bool WorkPool::has_guesses() const {
  const auto guessed = [&](const WorkPart& part) { return estimates_.guessed(collection_.items[part.front()].file); };
  for (Slot slot = 0; slot < queues_.slots(); ++slot) {
    const WorkQueues::OfSlot& own = queues_[slot];
    if (std::any_of(own.parts.begin(), own.parts.end(), guessed)) return true;
    if (std::any_of(own.allotted.begin(), own.allotted.end(), guessed)) return true;
  }
  return false;
}

std::vector<Candidate> WorkPool::candidates(Slot slot, std::optional<std::uint32_t> cell) const {
  std::vector<Candidate> found;
  const auto add = [&](const WorkPart& part, bool own) {
    const Candidate candidate{partition_.kind_of(part.front()), own};
    if (!partition_.fits(part.front(), cell)) return;
    if (std::find(found.begin(), found.end(), candidate) == found.end()) found.push_back(candidate);
  };
  for (const WorkPart& part : own(slot)) {
    add(part, true);
    if (division_.ordered()) return found;
  }
  // In collection order only the very first part may be begun. (Nothing is allotted where somebody demands something.)
  if (division_.ordered()) {
    if (!queues_.shared().empty()) add(queues_.shared().at(*queues_.shared().first({})), false);
    return found;
  }
  for (const KindIndex kind : queues_.shared().kinds(cell)) found.push_back({kind, false});
  for (Slot other = 0; other < queues_.slots(); ++other) {
    if (other != slot && division_.may_be_split(other, slot, cell)) add(own(other).front(), false);
  }
  return found;
}

std::optional<ItemIndex> WorkPool::next(Slot slot, const Wanted& wanted) const {
  const auto fits = [&](const WorkPart& part) { return partition_.fits(part.front(), wanted); };
  const std::deque<WorkPart>& parts = own(slot);
  const auto own = std::find_if(parts.begin(), parts.end(), fits);
  if (own != parts.end()) return own->front();
  const WorkPart* first = division_.first_for(slot, wanted);
  return first != nullptr ? std::optional(first->front()) : std::nullopt;
}

bool WorkPool::continues(Slot slot, ItemIndex last, std::optional<std::uint32_t> cell) const {
  const std::deque<WorkPart>& parts = own(slot);
  return !parts.empty() && collection_.items[parts.front().front()].file == collection_.items[last].file &&
         partition_.fits(parts.front().front(), Wanted(cell, partition_.kind_of(last)));
}

bool WorkPool::waits(KindIndex kind, Slot slot) const {
  if (slot >= queues_.slots()) return division_.first_shared(Wanted({}, kind)).has_value();
  const std::deque<WorkPart>& parts = own(slot);
  // In collection order what stands behind the first cannot be had yet: nobody is to make way for it.
  const auto end = division_.ordered() && !parts.empty() ? parts.begin() + 1 : parts.end();
  return std::any_of(parts.begin(), end,
                     [&](const WorkPart& part) { return partition_.kind_of(part.front()) == kind; });
}

void WorkPool::finished(Slot slot) { queues_[slot].queued.pop_front(); }

// What is queued stays queued, for the fresh process.
void WorkPool::renew(Slot slot) { queues_[slot].last.reset(); }

void WorkPool::give_back(Slot slot, const std::deque<ItemIndex>& items, bool keep) {
  WorkQueues::OfSlot& own = queues_[slot];
  put_back(slot, items);
  // Nothing of it is with a worker any more: it may be moved.
  for (WorkPart& rest : own.parts) rest.pinned = false;
  own.queued = {};
  renew(slot);
  if (keep) return;
  // The allotment first: what is shared at the front later, the slot's own parts, comes before it.
  while (!own.allotted.empty()) queues_.share(queues_.unallot(slot, false), true);
  while (!own.parts.empty()) queues_.share(queues_.pull(slot, false), true);
}

void WorkPool::take_back(Slot slot, const std::deque<ItemIndex>& items, const Begun& begun, bool keep) {
  WorkQueues::OfSlot& own = queues_[slot];
  for (std::size_t i = 0; i < items.size(); ++i) own.queued.pop_back();
  put_back(slot, items);
  if (own.parts.empty()) return;
  // Whether what came back begins in the middle of a unit that this process has run some of: it goes on there, even if
  // others might.
  const bool first = begun(own.parts.front().front());
  own.parts.front().pinned = false;
  for (WorkPart& part : own.parts) part.pinned = part.pinned || (part.sticky && begun(part.front()));
  if (keep) return;
  std::deque<WorkPart> stays;
  while (!own.parts.empty()) {
    WorkPart part = queues_.pull(slot, false);
    // own.parts is empty when the foremost part was pulled.
    if (part.pinned || (first && own.parts.empty()))
      stays.push_front(std::move(part));
    else
      queues_.share(std::move(part), true);
  }
  for (WorkPart& part : stays) queues_.put(slot, std::move(part), false);
}

void WorkPool::put_back(Slot slot, const std::deque<ItemIndex>& items) {
  // A queue holds stretches of one unit each. The last stretch first, each in front of the one before: the order stays.
  std::size_t end = items.size();
  while (end > 0) {
    const std::uint32_t unit = partition_.unit[items[end - 1]];
    std::size_t begin = end - 1;
    while (begin > 0 && partition_.unit[items[begin - 1]] == unit) --begin;
    std::vector<ItemIndex> together(items.begin() + begin, items.begin() + end);
    rejoin(slot, unit, together);
    std::sort(together.begin(), together.end());
    queues_.put(slot, part(std::move(together)), true);
    end = begin;
  }
}

// What the worker had not been given yet of the same unit belongs together with what it had.
void WorkPool::rejoin(Slot slot, std::uint32_t unit, std::vector<ItemIndex>& together) {
  WorkQueues::OfSlot& own = queues_[slot];
  const auto at = std::find_if(own.parts.begin(), own.parts.end(), [&](const WorkPart& p) { return p.unit == unit; });
  if (at == own.parts.end()) return;
  std::rotate(own.parts.begin(), at, at + 1);
  const WorkPart rest = queues_.pull(slot, true);
  together.insert(together.end(), rest.items.begin() + static_cast<std::ptrdiff_t>(rest.next), rest.items.end());
}

std::vector<WorkPart> WorkPool::steal(Slot victim, double weight, bool all) {
  const std::deque<WorkPart>& parts = own(victim);
  std::vector<WorkPart> stolen;
  // The first that may go goes, whatever it costs; then whole parts as long as they fit into `weight`.
  while (!parts.empty() && !parts.back().pinned && (all || parts.size() > 1)) {
    if (!stolen.empty() && parts.back().cost > weight) break;
    weight -= parts.back().cost;
    stolen.push_back(queues_.pull(victim, false));
    if (weight <= 0) break;
  }
  std::reverse(stolen.begin(), stolen.end());
  return stolen;
}

std::deque<WorkPart> WorkPool::take_all(Slot slot) {
  std::deque<WorkPart> all;
  while (!own(slot).empty()) all.push_back(queues_.pull(slot, true));
  return all;
}

// Whether the next file belongs into a chunk that has begun: a big one is better begun later, perhaps by another. Twice
// what is left of the chunk is the limit of WorkCutter::cut, too.
bool WorkPool::goes_on(Slot slot, double weight_left, const Wanted& wanted) const {
  if (!own(slot).empty()) return own(slot).front().cost <= 2 * weight_left;
  const WorkPart* next = division_.first_for(slot, wanted);
  return next != nullptr && next->cost <= 2 * weight_left;
}

}  // namespace trun
