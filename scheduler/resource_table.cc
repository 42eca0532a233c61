#include "scheduler/resource_table.h"

#include <algorithm>

#include "runner/base/invariant.h"

namespace trun {

ResourceTable::ResourceTable(const DemandKinds& kinds) : kinds_(kinds) {
  for (const auto& [name, capacity] : kinds.capacities()) units_.emplace_back(capacity);
}

// As many as there are, up to what is needed. A reader joins other readers before it takes a free unit: one resource of
// several units keeps as many as possible for those who want one alone.
std::vector<unsigned> ResourceTable::pick(const DemandKind::Need& need) const {
  const std::vector<Unit>& units = units_[need.resource];
  std::vector<unsigned> picked;
  const auto gather = [&](const auto& wanted) {
    for (unsigned i = 0; i < units.size() && picked.size() < need.units; ++i) {
      if (wanted(units[i])) picked.push_back(i);
    }
  };
  if (need.shared) gather([](const Unit& unit) { return unit.sharing > 0; });
  gather([](const Unit& unit) { return unit.free(); });
  return picked;
}

bool ResourceTable::has(KindIndex kind) const {
  const auto& needs = kinds_[kind].needs;
  // All or nothing. Needs of one kind are of different resources, so each can be asked for by itself.
  return std::all_of(needs.begin(), needs.end(), [&](const auto& need) { return pick(need).size() == need.units; });
}

TakenUnits ResourceTable::take(KindIndex kind) {
  TakenUnits taken;
  for (const DemandKind::Need& need : kinds_[kind].needs) {
    taken.push_back(pick(need));
    invariant(taken.back().size() == need.units, "taken without looking whether it is there");
    for (const unsigned number : taken.back()) {
      Unit& unit = units_[need.resource][number];
      unit.alone = !need.shared;
      unit.sharing += need.shared;
    }
  }
  return taken;
}

void ResourceTable::release(KindIndex kind, const TakenUnits& units) {
  const auto& needs = kinds_[kind].needs;
  invariant(units.size() == needs.size(), "released as another kind than it was taken as");
  for (std::size_t i = 0; i < needs.size(); ++i) {
    for (const unsigned number : units[i]) {
      Unit& unit = units_[needs[i].resource][number];
      // A unit that several share is given back once by each of them.
      invariant(!unit.free(), "released what nobody had");
      unit.alone = false;
      unit.sharing -= needs[i].shared;
    }
  }
}

}  // namespace trun
