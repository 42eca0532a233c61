// ResourceTable: which units of which resource are taken. All or nothing: what a kind of test demands is taken at once
// or not at all, so nobody holds one thing while waiting for another, and there is no deadlock. Who comes first is not
// decided here (waiting_line.h), nor who takes (resource_gate.h).
#pragma once

#include <cstddef>
#include <vector>

#include "runner/base/run_event.h"
#include "scheduler/demand_kinds.h"

namespace trun {

/// The units that were taken of each need of a kind, in the order of its needs.
using TakenUnits = std::vector<std::vector<unsigned>>;

class ResourceTable {
 public:
  /// `kinds` must outlive it.
  explicit ResourceTable(const DemandKinds& kinds);

  /// Whether all that `kind` demands is there. Of a serial kind: its resources; being alone is not the table's.
  bool has(KindIndex kind) const;
  /// Takes it: the lowest free units, and of what is shared those that are shared already. REQUIRES: has(kind).
  TakenUnits take(KindIndex kind);
  /// Gives back what take(kind) has returned.
  void release(KindIndex kind, const TakenUnits& units);

 private:
  struct Unit {
    bool alone = false;    // somebody has it for himself
    unsigned sharing = 0;  // so many have it together
    bool free() const { return !alone && sharing == 0; }
  };

  std::vector<unsigned> pick(const DemandKind::Need& need) const;

  const DemandKinds& kinds_;
  std::vector<std::vector<Unit>> units_;  // by resource
};

}  // namespace trun
