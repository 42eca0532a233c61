#include "scheduler/deadlines.h"

#include <algorithm>

namespace trun {
namespace {

std::optional<Duration> passed(Duration spent, Duration limit) {
  if (limit > Duration{0} && spent >= limit) return limit;
  return std::nullopt;
}

}  // namespace

std::optional<Duration> passed_limit(const Activity& activity, const TimeLimits& limits) {
  switch (activity.phase) {
    case Phase::start:
    case Phase::collect:
      return passed(activity.in_phase, limits.collect);
    case Phase::setup:
    case Phase::call:
    case Phase::teardown:
      return passed(activity.in_test, activity.own_limit.value_or(limits.test));
    case Phase::finish:
      return passed(activity.in_phase, limits.finish);
    case Phase::exit:
      return passed(activity.in_phase, limits.shutdown);
    case Phase::idle:
      if (activity.has_work) return passed(activity.in_phase, limits.test);
      break;
  }
  return std::nullopt;
}

Duration PausableClock::between(TimePoint since, TimePoint now) const {
  Duration spent = now - since;
  for (const Pause& pause : pauses_) {
    const TimePoint begin = std::max(pause.begin, since), end = std::min(pause.end, now);
    if (begin < end) spent -= end - begin;
  }
  return std::max(spent, Duration{0});
}

}  // namespace trun
