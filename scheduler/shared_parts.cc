#include "scheduler/shared_parts.h"

#include <algorithm>

#include "runner/base/invariant.h"

namespace trun {

SharedParts::Key SharedParts::key_of(const Wanted& wanted) {
  return {wanted.kind ? std::int64_t{*wanted.kind} : -1, wanted.cell ? std::int64_t{*wanted.cell} : -1};
}

// Each part stands under all that somebody may want of it: anything, its cell, its kind, both. So first() is one
// look-up, whatever is wanted.
template <typename Act>
void SharedParts::each_key(const WorkPart& part, const Act& act) {
  const KindIndex kind = partition_.kind_of(part.front());
  const std::uint32_t cell = partition_.cell_of(part.front());
  for (const Wanted& wanted : {Wanted(), Wanted(cell), Wanted({}, kind), Wanted(cell, kind)}) act(key_of(wanted));
}

void SharedParts::push(WorkPart part, bool front) {
  // Both ends grow: places in front count down, those behind count up, and none is used twice.
  const Place place = front ? before_-- : behind_++;
  each_key(part, [&](const Key& key) { places_[key].insert(place); });
  free_[partition_.kind_of(part.front())] += free_in(part);
  parts_.emplace(place, std::move(part));
}

WorkPart SharedParts::take(Place place) {
  const auto found = parts_.find(place);
  invariant(found != parts_.end(), "a shared part is taken twice");
  WorkPart part = std::move(found->second);
  parts_.erase(found);
  each_key(part, [&](const Key& key) {
    const auto places = places_.find(key);
    places->second.erase(place);
    // An empty set left behind would make first() read a place that is not there.
    if (places->second.empty()) places_.erase(places);
  });
  const auto free = free_.find(partition_.kind_of(part.front()));
  free->second -= free_in(part);
  if (free->second == 0) free_.erase(free);
  return part;
}

std::optional<SharedParts::Place> SharedParts::first(const Wanted& wanted) const {
  const auto found = places_.find(key_of(wanted));
  return found == places_.end() ? std::nullopt : std::optional(*found->second.begin());
}

std::vector<KindIndex> SharedParts::kinds(std::optional<std::uint32_t> cell) const {
  std::vector<std::pair<Place, KindIndex>> found;
  for (const auto& [kind, free] : free_) {
    if (const auto place = first(Wanted(cell, kind))) found.emplace_back(*place, kind);
  }
  // By place: who asks takes the kinds in the order in which their tests would have come.
  std::sort(found.begin(), found.end());
  std::vector<KindIndex> kinds;
  for (const auto& [place, kind] : found) kinds.push_back(kind);
  return kinds;
}

std::size_t SharedParts::free_of(KindIndex kind) const {
  const auto found = free_.find(kind);
  return found == free_.end() ? 0 : found->second;
}

}  // namespace trun
