#include "scheduler/demand_kinds.h"

#include <algorithm>
#include <map>
#include <optional>

#include "runner/base/result.h"

namespace trun {
namespace {

using Mode = ResourceDemand::Mode;

std::string units_of(unsigned units) { return std::to_string(units) + (units == 1 ? " unit" : " units"); }

Result<std::size_t> find(const Capacities& capacities, const ResourceDemand& demand) {
  // Capacities are sorted by name.
  const auto found = std::lower_bound(capacities.begin(), capacities.end(), demand.name,
                                      [](const auto& entry, const std::string& name) { return entry.first < name; });
  if (found == capacities.end() || found->first != demand.name) {
    std::string known;
    for (const auto& [name, units] : capacities) known += (known.empty() ? "" : ", ") + name;
    return usage_error("it demands the resource '" + demand.name + "', and there is none: give it a capacity in " +
                       "[resources] of trun.toml, as in " + demand.name + " = 1" +
                       (known.empty() ? " (there are no resources)" : " (there are: " + known + ")"));
  }
  return static_cast<std::size_t>(found - capacities.begin());
}

/// Demands of one resource add up; what is had alone can be read as well.
struct Sum {
  unsigned alone = 0;
  bool read = false, all = false;
};

Result<DemandKind> kind_of(const TestDemands& demands, const Capacities& capacities) {
  std::map<std::size_t, Sum> sums;
  for (const ResourceDemand& demand : demands.resources) {
    TRUN_TRY(resource, find(capacities, demand));
    Sum& sum = sums[resource];
    if (demand.mode == Mode::units) sum.alone += demand.amount;
    sum.read = sum.read || demand.mode == Mode::read;
    sum.all = sum.all || demand.mode == Mode::write;
  }
  DemandKind kind;
  kind.serial = demands.serial;
  for (const auto& [resource, sum] : sums) {
    const auto& [name, capacity] = capacities[resource];
    // Reading and taking units of the same resource is taking them: a holder may read what it has.
    const bool shared = sum.read && !sum.all && sum.alone == 0;
    // "write" is all that there is. At least one, so that a capacity of 0 makes the test impossible.
    const unsigned units = sum.all ? std::max(capacity, std::max(1u, sum.alone)) : std::max(1u, sum.alone);
    if (units > capacity) {
      return usage_error("it demands " + units_of(units) + " of the resource '" + name + "', and there " +
                         (capacity == 1 ? "is " : "are ") + std::to_string(capacity) +
                         ": raise its capacity in [resources] of trun.toml, or demand less");
    }
    kind.needs.push_back({resource, units, shared});
  }
  return kind;
}

bool same(const DemandKind& a, const DemandKind& b) {
  return a.serial == b.serial &&
         std::equal(a.needs.begin(), a.needs.end(), b.needs.begin(), b.needs.end(), [](const auto& x, const auto& y) {
           return x.resource == y.resource && x.units == y.units && x.shared == y.shared;
         });
}

}  // namespace

bool DemandKind::competes_with(const DemandKind& other) const {
  // A serial test runs beside nobody.
  if (serial || other.serial) return true;
  return std::any_of(needs.begin(), needs.end(), [&](const Need& mine) {
    return std::any_of(other.needs.begin(), other.needs.end(), [&](const Need& theirs) {
      return mine.resource == theirs.resource && !(mine.shared && theirs.shared);
    });
  });
}

DemandKinds::DemandKinds(const Collection& collection, Capacities capacities)
    : capacities_(std::move(capacities)), kinds_(1) {
  for (ItemIndex item = 0; item < collection.items.size(); ++item) {
    const TestDemands& demands = collection.items[item].demands;
    if (demands.resources.empty() && !demands.serial) continue;
    by_item_.resize(collection.items.size());
    auto kind = kind_of(demands, capacities_);
    if (!kind.ok()) {
      // It stays of kind 0: it is in no unit, and its verdict is passed at once (Scheduler::State::impossible).
      barred_.resize(collection.items.size());
      barred_[item] = true;
      impossible_.emplace_back(item, kind.error().message);
      continue;
    }
    const auto known =
        std::find_if(kinds_.begin() + 1, kinds_.end(), [&](const DemandKind& each) { return same(each, *kind); });
    by_item_[item] = static_cast<KindIndex>(known - kinds_.begin());
    if (known == kinds_.end()) kinds_.push_back(std::move(*kind));
  }
}

}  // namespace trun
