// WaitingLine: who waits for resources, and who may therefore not be overtaken any more. A worker that could run tests
// of some kind but may not yet has these tests wait, at its place: its own slot where only it can run them, else the
// place that all share. What came later and competes with them may go first kMostOvertakes times, no more. So each
// waits for a bounded number of others, whatever they demand: the bound is overtakes by each kind that competes, then
// those at work.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "runner/base/clock.h"
#include "scheduler/demand_kinds.h"

namespace trun {

class WaitingLine {
 public:
  static constexpr unsigned kMostOvertakes = 4;

  /// Tests of a kind, at a slot or (the number behind the last slot) anywhere.
  struct Place {
    KindIndex kind = 0;
    Slot slot = 0;
    auto operator<=>(const Place&) const = default;
  };

  /// `kinds` must outlive it.
  explicit WaitingLine(const DemandKinds& kinds) : kinds_(kinds) {}

  /// Its tests wait from now on, if they did not already.
  void wait(Place place);
  /// Whether somebody who waits for longer stands in its way. `is_there`: whether such tests are still to be run, by
  /// somebody who can; who waits for nothing leaves the line.
  bool barred(Place place, const std::function<bool(Place)>& is_there);
  /// It goes ahead: it leaves the line, and all that wait for longer and compete were overtaken.
  void go(Place place);

  /// Smaller is earlier; none: it does not wait.
  std::optional<std::uint64_t> number(Place place) const;
  bool empty() const { return waiting_.empty(); }

 private:
  struct Waiting {
    std::uint64_t number = 0;
    unsigned overtaken = 0;
  };

  const DemandKinds& kinds_;
  std::map<Place, Waiting> waiting_;
  std::uint64_t last_ = 0;
};

}  // namespace trun
