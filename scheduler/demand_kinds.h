// DemandKinds: the tests of a collection by what they demand of the run's resources. Tests of one kind demand the same,
// so that all that follows compares numbers. Kind 0 demands nothing. Constant after construction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "runner/base/test_item.h"

namespace trun {

using KindIndex = std::uint32_t;

/// What there is: names and numbers of units, sorted by name.
using Capacities = std::vector<std::pair<std::string, unsigned>>;

struct DemandKind {
  /// Of one resource, named once a kind.
  struct Need {
    std::size_t resource = 0;  ///< index into Capacities
    unsigned units = 1;
    bool shared = false;  ///< beside others that share
  };
  std::vector<Need> needs;
  bool serial = false;  ///< alone in the whole run

  /// Whether holding both at one time can be too much for one resource.
  bool competes_with(const DemandKind& other) const;
};

/// Tests that a worker could be given next: of a kind, and among its slot's own or among those that others may run too.
struct Candidate {
  KindIndex kind = 0;
  bool own = false;
  bool operator==(const Candidate&) const = default;
};

class DemandKinds {
 public:
  DemandKinds() : kinds_(1) {}
  DemandKinds(const Collection& collection, Capacities capacities);

  /// Whether any test demands anything.
  bool any() const { return kinds_.size() > 1 || !impossible_.empty(); }
  KindIndex of(ItemIndex item) const { return by_item_.empty() ? 0 : by_item_[item]; }
  const DemandKind& operator[](KindIndex kind) const { return kinds_[kind]; }
  std::size_t size() const { return kinds_.size(); }
  const Capacities& capacities() const { return capacities_; }

  /// Tests that can never have what they demand, each with the reason. Of kind 0, and nobody's to run.
  const std::vector<std::pair<ItemIndex, std::string>>& impossible() const { return impossible_; }
  bool is_impossible(ItemIndex item) const { return !barred_.empty() && barred_[item]; }

 private:
  const Capacities capacities_;
  std::vector<DemandKind> kinds_;
  std::vector<KindIndex> by_item_;  // empty: all 0
  std::vector<std::pair<ItemIndex, std::string>> impossible_;
  std::vector<bool> barred_;  // by item; empty: none
};

}  // namespace trun
