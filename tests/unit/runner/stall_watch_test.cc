#include "runner/containment/stall_watch.h"

#include <gtest/gtest.h>

#include <vector>

namespace trun {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Step = StallWatch::Step;

class StallWatchTest : public testing::Test {
 protected:
  /// Looks every 250 ms for `time`; the engine moves or not. What came of it, less Step::none.
  std::vector<Step> pass(Duration time, bool moves) {
    std::vector<Step> steps;
    for (Duration passed{0}; passed < time; passed += milliseconds(250)) {
      now_ += milliseconds(250);
      const Step step = watch_.look(moves ? ++beats_ : beats_, now_);
      if (step != Step::none) steps.push_back(step);
    }
    return steps;
  }

  StallWatch watch_{seconds(60)};
  std::uint64_t beats_ = 0;
  TimePoint now_ = TimePoint(seconds(1000));
};

using Steps = std::vector<Step>;

TEST_F(StallWatchTest, NothingIsSaidOfAnEngineThatMoves) {
  EXPECT_EQ(pass(seconds(600), true), Steps{});
  EXPECT_EQ(watch_.stood(), Duration{0});
}

TEST_F(StallWatchTest, WarnsOnceThenWakesAgainAndAgainThenKills) {
  EXPECT_EQ(pass(seconds(10) + milliseconds(250), false), Steps{Step::warn});
  EXPECT_EQ(pass(milliseconds(49750), false), Steps{});
  const Steps calls = pass(seconds(5), false);
  EXPECT_EQ(calls, Steps(20, Step::wake));
  EXPECT_EQ(pass(milliseconds(500), false).back(), Step::kill);
}

TEST_F(StallWatchTest, GoesOnAfterAWarningAndBeginsAnew) {
  EXPECT_EQ(pass(seconds(30), false), Steps{Step::warn});
  EXPECT_EQ(pass(milliseconds(250), true), Steps{Step::moved});
  EXPECT_EQ(watch_.stood(), seconds(30) - milliseconds(250));
  EXPECT_EQ(pass(seconds(9), false), Steps{});
  EXPECT_EQ(pass(seconds(2), false), Steps{Step::warn});
}

TEST_F(StallWatchTest, ShortStallsDoNotAddUp) {
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(pass(seconds(5), false), Steps{});
    EXPECT_EQ(pass(milliseconds(250), true), Steps{});
  }
}

TEST_F(StallWatchTest, TimeInWhichTheGuardianSleptDoesNotCount) {
  pass(seconds(1), true);
  now_ += std::chrono::hours(8);
  EXPECT_EQ(pass(milliseconds(250), false), Steps{});
  EXPECT_LE(watch_.stood(), seconds(1));
}

TEST_F(StallWatchTest, AShortLimitWarnsHalfWay) {
  watch_ = StallWatch(seconds(2));
  EXPECT_EQ(pass(milliseconds(1250), false), Steps{Step::warn});
  EXPECT_EQ(pass(seconds(1), false).front(), Step::wake);
}

TEST_F(StallWatchTest, NoLimitNoWord) {
  watch_ = StallWatch(Duration{0});
  EXPECT_EQ(pass(seconds(3600), false), Steps{});
}

}  // namespace
}  // namespace trun
