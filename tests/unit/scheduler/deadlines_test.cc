#include "scheduler/deadlines.h"

#include <gtest/gtest.h>

namespace trun {
namespace {

using std::chrono::seconds;

constexpr TimeLimits kLimits{seconds(60), seconds(30), seconds(600), seconds(10)};

Activity at(Phase phase, Duration spent) {
  Activity activity;
  activity.phase = phase;
  activity.in_phase = activity.in_test = spent;
  return activity;
}

TEST(DeadlinesTest, EveryPhaseHasItsLimit) {
  const std::pair<Phase, Duration> limits[] = {{Phase::start, seconds(30)},    {Phase::collect, seconds(30)},
                                               {Phase::setup, seconds(60)},    {Phase::call, seconds(60)},
                                               {Phase::teardown, seconds(60)}, {Phase::finish, seconds(600)},
                                               {Phase::exit, seconds(10)}};
  for (const auto& [phase, limit] : limits) {
    EXPECT_EQ(passed_limit(at(phase, limit - Duration{1}), kLimits), std::nullopt) << phase_name(phase);
    EXPECT_EQ(passed_limit(at(phase, limit), kLimits), limit) << phase_name(phase);
  }
}

TEST(DeadlinesTest, ATestIsTimedFromItsSetUpNotFromItsPhase) {
  Activity activity = at(Phase::teardown, seconds(1));
  activity.in_test = seconds(60);
  EXPECT_EQ(passed_limit(activity, kLimits), seconds(60));
}

TEST(DeadlinesTest, AMarkersLimitReplacesTheGeneralOne) {
  Activity activity = at(Phase::call, seconds(5));
  activity.own_limit = seconds(2);
  EXPECT_EQ(passed_limit(activity, kLimits), seconds(2));
  activity.in_test = seconds(500);
  activity.own_limit = Duration{0};
  EXPECT_EQ(passed_limit(activity, kLimits), std::nullopt) << "zero is no limit at all";
}

TEST(DeadlinesTest, ZeroIsNoLimit) {
  for (const Phase phase : {Phase::start, Phase::collect, Phase::call, Phase::finish, Phase::exit}) {
    EXPECT_EQ(passed_limit(at(phase, std::chrono::hours(100)), TimeLimits{}), std::nullopt);
  }
}

TEST(DeadlinesTest, AnIdleWorkerIsLateOnlyWithWorkInHand) {
  Activity activity = at(Phase::idle, seconds(60));
  EXPECT_EQ(passed_limit(activity, kLimits), std::nullopt);
  activity.has_work = true;
  EXPECT_EQ(passed_limit(activity, kLimits), seconds(60));
}

TEST(PausableClockTest, PausesDoNotCount) {
  const TimePoint zero{};
  PausableClock clock;
  clock.paused(zero + seconds(10), zero + seconds(20));
  clock.paused(zero + seconds(30), zero + seconds(31));
  EXPECT_EQ(clock.between(zero, zero + seconds(5)), seconds(5));
  EXPECT_EQ(clock.between(zero, zero + seconds(40)), seconds(29));
  EXPECT_EQ(clock.between(zero + seconds(15), zero + seconds(25)), seconds(5)) << "began in a pause";
  EXPECT_EQ(clock.between(zero + seconds(12), zero + seconds(18)), Duration{0});
  EXPECT_EQ(clock.between(zero + seconds(21), zero + seconds(29)), seconds(8));
}

TEST(PausableClockTest, APauseWithoutAnEndLastsUntilItGoesOn) {
  const TimePoint zero{};
  PausableClock clock;
  clock.paused(zero + seconds(10), TimePoint::max());
  EXPECT_EQ(clock.between(zero, zero + seconds(40)), seconds(10));
  clock.goes_on(zero + seconds(20));
  EXPECT_EQ(clock.between(zero, zero + seconds(40)), seconds(30));
}

}  // namespace
}  // namespace trun
