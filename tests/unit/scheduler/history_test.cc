#include "scheduler/history.h"

#include <gtest/gtest.h>

#include <limits>

namespace trun {
namespace {

using std::chrono::milliseconds;
using Estimates = std::vector<Duration>;

TEST(HistoryTest, RecordsAreSmoothed) {
  History history;
  history.record("a.py", milliseconds(1000));
  EXPECT_DOUBLE_EQ(history.seconds().at("a.py"), 1.0);
  history.record("a.py", milliseconds(2000));
  EXPECT_DOUBLE_EQ(history.seconds().at("a.py"), 1.5);
  history.record("a.py", milliseconds(2000));
  EXPECT_DOUBLE_EQ(history.seconds().at("a.py"), 1.75);
}

TEST(HistoryTest, WithoutHistoryATestTakesAMillisecond) {
  EXPECT_EQ(History().estimates({"a.py", "b.py"}, {3, 0}), (Estimates{milliseconds(3), milliseconds(0)}));
}

TEST(HistoryTest, UnknownFilesTakeTheMeanOfTheKnownTests) {
  const History history({{"a.py", 0.2}, {"b.py", 0.4}, {"gone.py", 100}});
  EXPECT_EQ(history.estimates({"a.py", "b.py", "new.py"}, {1, 2, 3}),
            (Estimates{milliseconds(200), milliseconds(400), milliseconds(600)}));
}

TEST(HistoryTest, GoesThroughAMapUnchanged) {
  const std::map<std::string, double> seconds{{"a.py", 0.25}, {"b.py", 0}};
  EXPECT_EQ(History(seconds).seconds(), seconds);
}

TEST(HistoryTest, WhatIsNoDurationIsLeftOut) {
  History history({{"a.py", -1},
                   {"b.py", std::numeric_limits<double>::quiet_NaN()},
                   {"c.py", std::numeric_limits<double>::infinity()},
                   {"d.py", 1e300}});
  EXPECT_TRUE(history.seconds().empty());
  history.record("a.py", milliseconds(-5));
  EXPECT_TRUE(history.seconds().empty());
}

TEST(HistoryTest, ForgetsWhatIsGone) {
  History history({{"a.py", 1}});
  history.forget("a.py");
  EXPECT_TRUE(history.seconds().empty());
}

}  // namespace
}  // namespace trun
