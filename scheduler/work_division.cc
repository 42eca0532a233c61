#include "scheduler/work_division.h"

#include <algorithm>
#include <utility>

#include "scheduler/plan.h"

namespace trun {

// Who runs what. A process runs files in the order of the collection; what is left to decide is which. All units are
// divided beforehand, longest first, each to the slot with the least so far (a unit of more than an equal share is cut,
// if it may be), and every slot runs its allotment in collection order. A long file need not come first for that: its
// slot has so much less beside it. Two workers, files with their estimates in seconds:
//
//   a:1 b:1 c:6 d:2 e:2     longest first: c to gw0; d e a b to gw1       gw0: c    gw1: a b d e    6 s
//
// Estimates are wrong, and workers are slow or die. Who has run out of its allotment shares that of the richest other,
// longest first again; if all is begun, it takes the back half of what another is in the middle of. What comes before
// what a process has run is not for it: it would meet state that neither pytest nor xdist shows to a test. Where that
// pays (TakeoverCost) a fresh process takes the slot over, and all is ahead of that (Wanted::anew):
//
//   gw1 has run a b d e; gw0 is at c and has f, g behind it               f to gw1, g stays: both are ahead of e
//   gw1 has run f; gw0 is at c, and 5 s of it are left                    half of c to a fresh gw1
//   the same, and 0.1 s of it are left                                    nothing: gw1 waits

void WorkDivision::share_all(bool collection_order) {
  ordered_ = collection_order;
  const bool gated = !partition_.kind.empty();
  std::vector<WorkPart> isolated, plain;
  for (const std::vector<ItemIndex>& unit : partition_.units) {
    WorkPart whole = cutter_.part(unit);
    if (!ordered_ && partition_.cell_of(whole.front()) != 0)
      isolated.push_back(std::move(whole));
    else if (!ordered_ && !gated)
      plain.push_back(std::move(whole));
    else
      queues_.share(std::move(whole), false);
  }
  // What is isolated wants fresh processes, and these are there now: later it costs processes with fixtures set up.
  std::stable_sort(isolated.begin(), isolated.end(), [](const auto& a, const auto& b) { return a.cost > b.cost; });
  for (auto part = isolated.rbegin(); part != isolated.rend(); ++part) queues_.share(std::move(*part), true);
  divide(std::move(plain));
}

void WorkDivision::divide(std::vector<WorkPart> parts) {
  const auto slots = queues_.slots();
  std::vector<WorkPart> pieces = cutter_.in_pieces(std::move(parts), slots);
  std::vector<double> costs;
  for (const WorkPart& piece : pieces) costs.push_back(piece.cost);
  const std::vector<Slot> owners = least_loaded(costs, std::vector<double>(slots));
  for (std::size_t i = 0; i < pieces.size(); ++i) queues_.allot(owners[i], std::move(pieces[i]));
}

std::optional<SharedParts::Place> WorkDivision::first_shared(const Wanted& wanted) const {
  if (!ordered_) return queues_.shared().first(wanted);
  const auto first = queues_.shared().first({});
  return first && partition_.fits(queues_.shared().at(*first).front(), wanted) ? first : std::nullopt;
}

bool WorkDivision::is_ahead(Slot slot, const WorkPart& part) const {
  return !queues_[slot].last || part.front() > *queues_[slot].last;
}

// Whether what comes before what the process of a slot has run may go there, to spare `victim` some of what it has.
// What demands something is begun when that is there, not in order: nor is, in such a run, what is done in between.
bool WorkDivision::may_go_back(Slot victim, const Wanted& wanted) const {
  if (!partition_.kind.empty()) return true;
  if (wanted.anew == 0) return false;
  const double weight = queues_[victim].weight + queues_[victim].allotted_weight;
  return estimates_.measured() && weight * estimates_.factor() >= cost_.worth() * static_cast<double>(wanted.anew);
}

// The first of its allotment, or of the shared parts if that comes between what it has run and the former.
const WorkPart* WorkDivision::first_for(Slot slot, const Wanted& wanted) const {
  const std::deque<WorkPart>& allotted = queues_[slot].allotted;
  const bool has_allotted = !allotted.empty() && partition_.fits(allotted.front().front(), wanted);
  const auto shared = first_shared(wanted);
  if (!shared) return has_allotted ? &allotted.front() : nullptr;
  const WorkPart& part = queues_.shared().at(*shared);
  if (!has_allotted || partition_.cell_of(part.front()) != 0) return &part;
  return is_ahead(slot, part) && part.front() < allotted.front().front() ? &part : &allotted.front();
}

// The other slot with the most to do, if some of its allotment may be this one's, and would be begun earlier here.
std::optional<Slot> WorkDivision::richest_allotted(Slot except, const Wanted& wanted) const {
  const auto left = [&](Slot s) { return queues_[s].queued.sum() + queues_[s].weight + queues_[s].allotted_weight; };
  std::optional<Slot> best;
  for (Slot slot = 0; slot < queues_.slots(); ++slot) {
    const WorkQueues::OfSlot& own = queues_[slot];
    if (slot == except || own.allotted.empty() || !partition_.fits(own.allotted.front().front(), wanted)) continue;
    if (!is_ahead(except, own.allotted.back()) && !may_go_back(slot, wanted)) continue;
    const double queued = queues_[except].queued.sum();
    if (queued > 0 && queued > left(slot) - own.allotted.back().cost) continue;
    if (!best || left(slot) > left(*best)) best = slot;
  }
  return best;
}

// Divides the allotment of `victim` between both; at least one part of it goes to `slot`, which has none.
void WorkDivision::level(Slot slot, Slot victim, const Wanted& wanted) {
  const bool back = may_go_back(victim, wanted);
  std::vector<WorkPart> parts, stay;
  while (!queues_[victim].allotted.empty()) {
    WorkPart part = queues_.unallot(victim, true);
    cutter_.reweigh(part);
    (back || is_ahead(slot, part) ? parts : stay).push_back(std::move(part));
  }
  double stays = queues_[victim].queued.sum() + queues_[victim].weight;
  for (WorkPart& part : stay) {
    stays += part.cost;
    queues_.allot(victim, std::move(part));
  }
  std::vector<double> costs;
  for (const WorkPart& part : parts) costs.push_back(part.cost);
  std::vector<Slot> owners = least_loaded(costs, {queues_[slot].queued.sum() + queues_[slot].weight, stays});
  if (std::count(owners.begin(), owners.end(), 0U) == 0) owners.back() = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) queues_.allot(owners[i] == 0 ? slot : victim, std::move(parts[i]));
}

bool WorkDivision::draw(Slot slot, const Wanted& wanted) {
  const WorkPart* first = first_for(slot, wanted);
  if (first == nullptr) {
    const std::optional<Slot> other = richest_allotted(slot, wanted);
    if (!other) return rob(slot, wanted);
    level(slot, *other, wanted);
    first = first_for(slot, wanted);
  }
  const bool allotted = !queues_[slot].allotted.empty() && first == &queues_[slot].allotted.front();
  queues_.put(slot, allotted ? queues_.unallot(slot, true) : queues_.unshare(*first_shared(wanted)), true);
  return true;
}

bool WorkDivision::can_draw(Slot slot, const Wanted& wanted) const {
  return first_for(slot, wanted) != nullptr || richest_allotted(slot, wanted) || richest(slot, wanted);
}

// The back half of the part that the richest other slot is in the middle of, so that both go on with one file each.
bool WorkDivision::rob(Slot slot, const Wanted& wanted) {
  const std::optional<Slot> victim = richest(slot, wanted);
  if (!victim) return false;
  WorkPart part = queues_.pull(*victim, true);
  WorkPart half = cutter_.split_back(part);
  if (!part.empty()) queues_.put(*victim, std::move(part), true);
  queues_.put(slot, std::move(half), true);
  return true;
}

bool WorkDivision::may_be_split(Slot victim, Slot thief, const Wanted& wanted) const {
  const WorkQueues::OfSlot& own = queues_[victim];
  if (own.parts.empty() || own.parts.front().sticky || !worth_moving(own.weight)) return false;
  return is_ahead(thief, own.parts.front()) || may_go_back(victim, wanted);
}

std::optional<Slot> WorkDivision::richest(Slot except, const Wanted& wanted) const {
  std::optional<Slot> best;
  for (Slot slot = 0; slot < queues_.slots(); ++slot) {
    if (slot == except || !may_be_split(slot, except, wanted)) continue;
    if (!partition_.fits(queues_[slot].parts.front().front(), wanted)) continue;
    if (!best || queues_[slot].weight > queues_[*best].weight) best = slot;
  }
  return best;
}

bool WorkDivision::worth_moving(double weight) const {
  return !estimates_.measured() || weight * estimates_.factor() >= kWorthMoving;
}

}  // namespace trun
