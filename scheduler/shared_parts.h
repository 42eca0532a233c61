// SharedParts: parts that any worker may have, in an order of their own, found by what a process may be given: by what
// their tests demand and whose process these may share. Looking for one costs the logarithm of their number, not the
// number: there may be one for each of many thousand isolated tests, and it is asked for at every event.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "scheduler/work_part.h"

namespace trun {

class SharedParts {
 public:
  /// A part's place in the order. Of another part once it was taken.
  using Place = std::int64_t;

  /// `partition` must outlive it.
  explicit SharedParts(const Partition& partition) : partition_(partition) {}

  void push(WorkPart part, bool front);
  WorkPart take(Place place);

  bool empty() const { return parts_.empty(); }
  const WorkPart& at(Place place) const { return parts_.at(place); }
  /// The first that is wanted.
  std::optional<Place> first(const Wanted& wanted) const;
  /// What those of `cell` (none: of any) demand, each kind once, in the order of their first parts.
  std::vector<KindIndex> kinds(std::optional<std::uint32_t> cell) const;
  /// Items, and sticky parts, that demand `kind`.
  std::size_t free_of(KindIndex kind) const;

 private:
  /// (kind, cell); -1: any.
  using Key = std::pair<std::int64_t, std::int64_t>;

  static Key key_of(const Wanted& wanted);
  static std::size_t free_in(const WorkPart& part) { return part.sticky ? 1 : part.size(); }
  template <typename Act>
  void each_key(const WorkPart& part, const Act& act);

  const Partition& partition_;
  std::map<Place, WorkPart> parts_;
  std::map<Key, std::set<Place>> places_;  // none is empty
  std::map<KindIndex, std::size_t> free_;  // none is zero
  Place before_ = 0, behind_ = 1;          // the next place at either end
};

}  // namespace trun
