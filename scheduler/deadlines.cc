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
      // In Phase::collect the clock starts anew with each file (Activity::in_phase), so a large suite is not late as a
      // whole.
      return passed(activity.in_phase, limits.collect);
    case Phase::setup:
    case Phase::call:
    case Phase::teardown:
      // From set-up to teardown, not by phase: a fixture that hangs is the test's time. A limit of its own replaces the
      // general one, also where it is zero (no limit).
      return passed(activity.in_test, activity.own_limit.value_or(limits.test));
    case Phase::finish:
      return passed(activity.in_phase, limits.finish);
    case Phase::exit:
      return passed(activity.in_phase, limits.shutdown);
    case Phase::idle:
      // Between two tests: a moment, if all is well. No other limit covers a worker that stands still there, so the
      // limit of a test does. Without work it may wait as long as the run takes.
      if (activity.has_work) return passed(activity.in_phase, limits.test);
      break;
  }
  return std::nullopt;
}

Duration PausableClock::between(TimePoint since, TimePoint now) const {
  Duration spent = now - since;
  // Pauses do not overlap, so what each has in common with the time asked for adds up.
  for (const Pause& pause : pauses_) {
    const TimePoint begin = std::max(pause.begin, since), end = std::min(pause.end, now);
    if (begin < end) spent -= end - begin;
  }
  return std::max(spent, Duration{0});
}

}  // namespace trun
