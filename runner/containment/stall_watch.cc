#include "runner/containment/stall_watch.h"

#include <algorithm>
#include <utility>

namespace trun {
namespace {

/// Between two looks no more than this counts.
constexpr Duration kMostPerLook = std::chrono::milliseconds(500);
constexpr Duration kWarnAfter = std::chrono::seconds(10);
/// From the first call to the end of patience.
constexpr Duration kAnswerWithin = std::chrono::seconds(5);

}  // namespace

// Example: a limit of 60 s, a look each 0.25 s, beats that stay the same. After 10 s: warn, once. From 60 s on: wake,
// at each look. From 65 s on: kill. If beats move in between, the count begins anew, and `moved` is told if there was a
// warning. A guardian that did not run for an hour adds 0.5 s: the engine may not have run either.
StallWatch::Step StallWatch::look(std::uint64_t beats, TimePoint now) {
  const Duration passed = last_ == TimePoint{} ? Duration{0} : std::min(now - last_, kMostPerLook);
  last_ = now;
  if (limit_ <= Duration{0}) return Step::none;
  if (beats != beats_) {
    beats_ = beats;
    // What is told of the engine that goes on is how long it stood, not how long it has stood since.
    stood_ = std::exchange(stalled_, Duration{0});
    return std::exchange(warned_, false) ? Step::moved : Step::none;
  }
  stood_ = stalled_ += passed;
  if (stalled_ >= limit_ + std::min(kAnswerWithin, limit_)) return Step::kill;
  if (stalled_ >= limit_) return Step::wake;
  if (!warned_ && stalled_ >= std::min(kWarnAfter, limit_ / 2)) {
    warned_ = true;
    return Step::warn;
  }
  return Step::none;
}

}  // namespace trun
