#include "scheduler/waiting_line.h"

namespace trun {

void WaitingLine::wait(Place place) {
  const auto [entry, fresh] = waiting_.try_emplace(place);
  if (fresh) entry->second.number = ++last_;
}

// Two units of gpu; a test that needs both waits, with number 1. Each test of one gpu that begins meanwhile competes
// with it and came later, so go() counts an overtake. After four of these barred() holds back the fifth: the units that
// are given back stay free until both are there. Who waits for longer (a smaller number) is held back by nobody behind
// it.
bool WaitingLine::barred(Place place, const std::function<bool(Place)>& is_there) {
  // Who does not wait is later than all who do.
  const std::uint64_t mine = number(place).value_or(last_ + 1);
  for (auto entry = waiting_.begin(); entry != waiting_.end();) {
    const auto& [other, waiting] = *entry;
    const bool in_the_way = waiting.number < mine && waiting.overtaken >= kMostOvertakes &&
                            kinds_[place.kind].competes_with(kinds_[other.kind]);
    if (in_the_way && is_there(other)) return true;
    // Its tests have run, or their worker is dead: nobody is to wait for them.
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
