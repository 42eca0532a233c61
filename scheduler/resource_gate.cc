#include "scheduler/resource_gate.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "runner/base/invariant.h"

namespace trun {

ResourceGate::ResourceGate(const DemandKinds& kinds, unsigned slots)
    : kinds_(kinds), table_(kinds), line_(kinds), holds_(slots), lingering_(slots), promised_(slots) {}

WaitingLine::Place ResourceGate::place(Slot slot, Candidate candidate) const {
  // Only its own slot can run it, or anybody can: the number behind the last slot.
  return {candidate.kind, candidate.own ? slot : static_cast<Slot>(holds_.size())};
}

bool ResourceGate::opens(const ResourceTable& table, WaitingLine::Place place, const IsThere& is_there) {
  return table.has(place.kind) && !line_.barred(place, is_there);
}

// Three classes, in this order: what demands resources and can have them, the longest waiting first; what demands
// nothing; what runs alone. Serial tests come last because all workers stand idle beside one: it begins only when
// nothing else is at work, held or could be begun.
std::optional<Candidate> ResourceGate::choose(Slot slot, const std::vector<Candidate>& candidates, bool alone,
                                              const IsThere& is_there) {
  // The worker is idle now: it has given way, and the promise is kept or void.
  promised_[slot].reset();
  if (closed_to(slot)) return std::nullopt;
  constexpr auto kNever = std::numeric_limits<std::uint64_t>::max();
  std::optional<Candidate> best, plain, serial;
  std::uint64_t best_number = kNever;
  for (const Candidate& candidate : candidates) {
    const WaitingLine::Place at = place(slot, candidate);
    if (candidate.kind == 0) {
      if (!plain) plain = candidate;
      continue;
    }
    if (kinds_[candidate.kind].serial) {
      if (!serial && alone && nothing_held() && table_.has(candidate.kind)) serial = candidate;
      continue;
    }
    // Not to be had, or kept for somebody who was overtaken too often: from now on it waits, and its number says since
    // when.
    if (!opens(table_, at, is_there)) {
      line_.wait(at);
      continue;
    }
    // Who does not wait comes behind all that do.
    const std::uint64_t number = line_.number(at).value_or(kNever - 1);
    if (number >= best_number) continue;
    best = candidate;
    best_number = number;
  }
  if (best) return best;
  return plain ? plain : serial;
}

std::optional<Candidate> ResourceGate::gives_way(Slot slot, const std::vector<Candidate>& candidates,
                                                 const IsThere& is_there) {
  promised_[slot].reset();
  // What was promised to others is as good as taken: two workers would run out their queues for one unit.
  ResourceTable rest = table_;
  for (const auto& promised : promised_) {
    if (promised && rest.has(promised->kind)) (void)rest.take(promised->kind);
  }
  for (const Candidate& candidate : candidates) {
    if (candidate.kind == 0 || kinds_[candidate.kind].serial) continue;
    if (!opens(rest, place(slot, candidate), is_there)) continue;
    return promised_[slot] = candidate;
  }
  return std::nullopt;
}

// By hold, not by slot: the worker that ran alone may be dead, while processes of it that live on keep the gate closed.
bool ResourceGate::closed_to(Slot slot) const { return alone_ && holds_[slot].id != *alone_; }

void ResourceGate::take(Slot slot, Candidate candidate, ItemIndex item) {
  invariant(!holds(slot), "a worker takes resources while it holds others");
  const DemandKind& kind = kinds_[candidate.kind];
  Hold& hold = holds_[slot];
  hold.id = ++last_;
  hold.kind = candidate.kind;
  hold.units = table_.take(candidate.kind);
  for (std::size_t i = 0; i < kind.needs.size(); ++i) {
    const auto& [name, capacity] = kinds_.capacities()[kind.needs[i].resource];
    hold.resources.push_back({name, hold.units[i], kind.needs[i].shared, capacity});
  }
  if (kind.serial) alone_ = hold.id;
  // Serial tests stand in no line: choose() takes them last.
  if (!kind.serial) line_.go(place(slot, candidate));
  changes_.emplace_back(event::ResourcesTaken{hold.id, slot, item, hold.resources, kind.serial, {}});
}

void ResourceGate::release(Slot slot) {
  if (holds(slot)) let_go(slot, std::exchange(holds_[slot], Hold()));
}

void ResourceGate::lost(Slot slot, bool lingers) {
  promised_[slot].reset();
  if (!holds(slot)) return;
  // What lives on of it may use the resource still. Its slot gets a new worker, which takes for itself, so this hold is
  // kept apart.
  if (!lingers) return release(slot);
  lingering_[slot].push_back(std::exchange(holds_[slot], Hold()));
}

void ResourceGate::swept(Slot slot) {
  for (Hold& hold : std::exchange(lingering_[slot], {})) let_go(slot, std::move(hold));
}

void ResourceGate::let_go(Slot slot, Hold hold) {
  table_.release(hold.kind, hold.units);
  if (alone_ == hold.id) alone_.reset();
  changes_.emplace_back(event::ResourcesReleased{hold.id, slot, {}});
}

bool ResourceGate::nothing_held() const {
  const auto none = [](const Hold& hold) { return hold.id == 0; };
  const auto empty = [](const auto& dead) { return dead.empty(); };
  return std::all_of(holds_.begin(), holds_.end(), none) && std::all_of(lingering_.begin(), lingering_.end(), empty);
}

std::vector<RunEvent> ResourceGate::changes() { return std::exchange(changes_, {}); }

}  // namespace trun
