#include "scheduler/shards.h"

#include <algorithm>
#include <map>
#include <utility>

#include "runner/base/invariant.h"

namespace trun {

Shards::Shards(const Collection& collection, WorkPool& pool, WorkerStates& crew, const Estimates& estimates,
               TakeoverCost& cost, bool may_steal, const DemandKinds& kinds)
    : collection_(collection),
      pool_(pool),
      crew_(crew),
      estimates_(estimates),
      cost_(cost),
      may_steal_(may_steal),
      claimed_(collection.items.size()) {
  // They belong to no unit: settle_claims() must not hand them to anybody.
  for (const auto& [item, why] : kinds.impossible()) claimed_[item] = true;
}

void Shards::ready(Slot slot, const std::vector<ItemIndex>& items) {
  crew_[slot].learn(items, collection_.items.size());
  // First lives claim: of two that collected one test the first has it. Later lives only say what they can run.
  if (settled_)
    keep_runnable(slot);
  else
    claim(slot, items);
}

void Shards::collected(Slot slot, const std::vector<ItemIndex>& items) {
  WorkerState& worker = crew_[slot];
  invariant(worker.transfer.has_value(), "Collected without CollectFiles");
  // The process is another one: what its predecessor could run, it cannot.
  worker.can_run.clear();
  worker.learn(items, collection_.items.size());
  WorkerState::Transfer transfer = std::move(*worker.transfer);
  worker.transfer.reset();
  cost_.took(transfer.since);
  for (WorkPart& part : transfer.parts) pool_.add(slot, std::move(part));
  // What it has now it keeps; the rest is the owner's again.
  for (WorkPart& part : pool_.take_all(slot)) {
    if (worker.runs(part))
      pool_.add(slot, std::move(part));
    else
      rehome(std::move(part), transfer.from, true);
  }
}

void Shards::died(Slot slot) {
  WorkerState& worker = crew_[slot];
  if (!worker.transfer) return;
  for (WorkPart& part : worker.transfer->parts) {
    const Slot from = worker.transfer->from;
    // The owner has collected the part and still can run it; else it is the dead slot's own, and its replacement
    // collects it.
    const bool returns = from != nobody() && crew_[from].usable() && crew_[from].runs(part);
    pool_.add(returns ? from : slot, std::move(part));
  }
}

void Shards::settle_claims() {
  // No Ready named these tests, so workers that died before theirs were to collect them. The scheduler does not know
  // which file was whose: the dead slots share them, each part to the one with the least. With no dead slot they are
  // nobody's, and whoever runs out of work collects them.
  settled_ = true;
  std::vector<ItemIndex> unclaimed;
  for (ItemIndex i = 0; i < claimed_.size(); ++i) {
    if (!claimed_[i]) unclaimed.push_back(i);
  }
  claimed_ = {};
  std::vector<Slot> heirs;
  for (Slot slot = 0; slot < crew_.size(); ++slot) {
    if (crew_[slot].life == WorkerState::Life::dead) heirs.push_back(slot);
  }
  if (heirs.empty()) heirs.push_back(nobody());
  for (WorkPart& part : by_unit(std::move(unclaimed))) {
    const auto least = std::min_element(heirs.begin(), heirs.end(),
                                        [&](Slot a, Slot b) { return pool_.own_weight(a) < pool_.own_weight(b); });
    pool_.add(*least, std::move(part));
  }
}

bool Shards::steal(Slot slot, Step& step) {
  if (!can_steal(slot)) return false;
  const Slot victim = richest(slot);
  WorkerState& thief = crew_[slot];
  WorkerState::Transfer transfer{victim, cost_.now(), {}};
  action::CollectFiles collect{slot, {}};
  for (WorkPart& part : take_from(victim)) {
    if (thief.runs(part)) {
      pool_.add(slot, std::move(part));
      continue;
    }
    // Whole files are asked for: a process collects files, not tests.
    collect.files.push_back(collection_.items[part.front()].file);
    transfer.parts.push_back(std::move(part));
  }
  if (!transfer.parts.empty()) {
    // The process that takes over needs what waits here for resources, too.
    for (const FileIndex file : files(slot)) collect.files.push_back(file);
    std::sort(collect.files.begin(), collect.files.end());
    collect.files.erase(std::unique(collect.files.begin(), collect.files.end()), collect.files.end());
    thief.transfer = std::move(transfer);
    step.actions.emplace_back(std::move(collect));
  }
  return true;
}

bool Shards::can_steal_plain(Slot slot) const {
  return can_steal(slot) && pool_.demands_nothing(pool_.own(richest(slot)).back());
}

void Shards::inherit(Slot heir) {
  for (Slot slot = 0; slot <= nobody(); ++slot) {
    if (!is_given_up(slot)) continue;
    for (WorkPart& part : pool_.take_all(slot)) pool_.add(heir, std::move(part));
  }
}

std::vector<FileIndex> Shards::files(Slot slot) const {
  std::vector<FileIndex> result;
  for (const WorkPart& part : pool_.own(slot)) result.push_back(collection_.items[part.front()].file);
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

// Who was given up needs its work no more. A living worker gives files away only if that pays, and keeps something to
// do.
bool Shards::is_stealable(Slot slot) const {
  const std::deque<WorkPart>& parts = pool_.own(slot);
  if (parts.empty()) return false;
  if (is_given_up(slot)) return true;
  if (!may_steal_ || parts.back().pinned) return false;
  const bool keeps_some = parts.size() > 1 || !crew_[slot].queue.empty();
  return keeps_some && pool_.own_weight(slot) * estimates_.factor() > cost_.worth();
}

// Whether the file that a living worker is in the middle of, its last, is better run by two.
bool Shards::is_divisible(Slot slot) const {
  const std::deque<WorkPart>& parts = pool_.own(slot);
  if (!may_steal_ || parts.empty() || is_given_up(slot) || !estimates_.measured()) return false;
  const WorkPart& last = parts.back();
  return last.pinned && !last.only_here && pool_.is_divisible(last) && last.cost * estimates_.factor() > cost_.worth();
}

// The back of the last file of `victim`, so much that both end at one time: with C for collecting and W of work left
// the owner keeps k * W = C + (1 - k) * W, which is k = (1 + C / W) / 2. Seven tests of 200 ms, C taken as 125 ms (half
// of TakeoverCost::worth(), since nobody took over yet): k = 0.54, the owner keeps three tests, four go.
WorkPart Shards::divide(Slot victim) {
  WorkPart front = pool_.take_last(victim);
  const double weight = front.cost * estimates_.factor();
  WorkPart back = pool_.split_back(front, std::min(0.9, (1 + cost_.worth() / 2 / weight) / 2));
  pool_.add(victim, std::move(front));
  return back;
}

Slot Shards::richest(Slot thief) const {
  Slot best = kNone;
  for (Slot slot = 0; slot <= nobody(); ++slot) {
    if ((slot == thief && slot != nobody()) || !(is_stealable(slot) || is_divisible(slot))) continue;
    // First what no living worker will run. To take it costs nobody anything.
    if (is_given_up(slot)) return slot;
    if (best == kNone || pool_.own_weight(slot) > pool_.own_weight(best)) best = slot;
  }
  return best;
}

std::vector<WorkPart> Shards::take_from(Slot victim) {
  const double weight = pool_.own_weight(victim);
  // Each living worker is to have a share of it, not the first one all.
  if (is_given_up(victim))
    return pool_.steal(victim, weight / static_cast<double>(std::max<std::size_t>(1, alive(crew_))), true);
  if (is_divisible(victim)) return {divide(victim)};
  // The owner may give all of its parts if its queue keeps it busy meanwhile.
  return pool_.steal(victim, weight / 2, !crew_[victim].queue.empty());
}

void Shards::claim(Slot slot, const std::vector<ItemIndex>& items) {
  std::vector<ItemIndex> fresh;
  for (const ItemIndex item : items) {
    if (claimed_[item]) continue;
    claimed_[item] = true;
    fresh.push_back(item);
  }
  for (WorkPart& part : by_unit(std::move(fresh))) pool_.add(slot, std::move(part));
}

// A replacement has collected again: what it found it runs.
void Shards::keep_runnable(Slot slot) {
  for (WorkPart& part : pool_.take_all(slot)) {
    if (crew_[slot].runs(part))
      pool_.add(slot, std::move(part));
    else
      rehome(std::move(part), slot, false);
  }
}

// Gives each test of `part`, which some worker could not collect, to one that can run it; `pin`: to stay there, or the
// worker that looked for it in vain would soon ask for it again.
void Shards::rehome(WorkPart part, Slot rather, bool pin) {
  std::map<Slot, std::vector<ItemIndex>> homes;
  for (std::size_t i = part.next; i < part.items.size(); ++i) {
    const Slot home = another_that_runs(part.items[i], rather);
    // No living worker can run it. take_lost() hands it over, and its verdict is not_run.
    if (home == kNone)
      lost_.push_back(part.items[i]);
    else
      homes[home].push_back(part.items[i]);
  }
  for (auto& [home, items] : homes) {
    WorkPart piece = pool_.part(std::move(items));
    piece.pinned = piece.only_here = pin;
    pool_.add(home, std::move(piece));
  }
}

Slot Shards::another_that_runs(ItemIndex item, Slot rather) const {
  if (rather != nobody() && crew_[rather].usable() && crew_[rather].runs(item)) return rather;
  for (Slot slot = 0; slot < crew_.size(); ++slot) {
    if (crew_[slot].usable() && crew_[slot].runs(item)) return slot;
  }
  return kNone;
}

std::vector<WorkPart> Shards::by_unit(std::vector<ItemIndex> items) const {
  std::map<std::uint32_t, std::vector<ItemIndex>> units;
  for (const ItemIndex item : items) units[pool_.unit_of(item)].push_back(item);
  std::vector<WorkPart> parts;
  for (auto& [unit, own] : units) {
    std::sort(own.begin(), own.end());
    parts.push_back(pool_.part(std::move(own)));
  }
  return parts;
}

}  // namespace trun
