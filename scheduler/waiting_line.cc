#include "scheduler/waiting_line.h"

namespace trun {

void WaitingLine::wait(Place place) {
  const auto [entry, fresh] = waiting_.try_emplace(place);
  if (fresh) entry->second.number = ++last_;
}

bool WaitingLine::barred(Place place, const std::function<bool(Place)>& is_there) {
  const std::uint64_t mine = number(place).value_or(last_ + 1);
  for (auto entry = waiting_.begin(); entry != waiting_.end();) {
    const auto& [other, waiting] = *entry;
    const bool in_the_way = waiting.number < mine && waiting.overtaken >= kMostOvertakes &&
                            kinds_[place.kind].competes_with(kinds_[other.kind]);
    if (in_the_way && is_there(other)) return true;
    entry = in_the_way ? waiting_.erase(entry) : std::next(entry);
  }
  return false;
}

void WaitingLine::go(Place place) {
  const std::uint64_t mine = number(place).value_or(last_ + 1);
  waiting_.erase(place);
  for (auto& [other, waiting] : waiting_) {
    if (waiting.number < mine && kinds_[place.kind].competes_with(kinds_[other.kind])) ++waiting.overtaken;
  }
}

std::optional<std::uint64_t> WaitingLine::number(Place place) const {
  const auto found = waiting_.find(place);
  if (found == waiting_.end()) return std::nullopt;
  return found->second.number;
}

}  // namespace trun
