#include "scheduler/waiting_line.h"

#include <gtest/gtest.h>

#include "tests/unit/scheduler/demands.h"

namespace trun {
namespace {

constexpr Slot kAnywhere = 9;
const auto kThere = [](WaitingLine::Place) { return true; };

class WaitingLineTest : public testing::Test {
 protected:
  const DemandKinds kinds{demanding({"gpu:2", "gpu", "read:db", "db gpu"}), {{"db", 1}, {"gpu", 2}}};
  WaitingLine line{kinds};
  const WaitingLine::Place two{1, kAnywhere}, one{2, kAnywhere}, reader{3, kAnywhere}, both{4, 0};
};

TEST_F(WaitingLineTest, IsOvertakenSoOftenAndNoMore) {
  line.wait(two);
  for (unsigned i = 0; i < WaitingLine::kMostOvertakes; ++i) {
    EXPECT_FALSE(line.barred(one, kThere));
    line.go(one);
  }
  EXPECT_TRUE(line.barred(one, kThere));
  EXPECT_TRUE(line.barred(both, kThere));
  EXPECT_FALSE(line.barred(two, kThere));
  line.go(two);
  EXPECT_FALSE(line.barred(one, kThere));
}

TEST_F(WaitingLineTest, WhoDoesNotCompeteIsNoMatter) {
  line.wait(two);
  for (unsigned i = 0; i < 3 * WaitingLine::kMostOvertakes; ++i) line.go(reader);
  EXPECT_FALSE(line.barred(reader, kThere));
  EXPECT_FALSE(line.barred(one, kThere));
}

TEST_F(WaitingLineTest, WhoCameEarlierDoesNotOvertake) {
  line.wait(one);
  line.wait(two);
  for (unsigned i = 0; i < WaitingLine::kMostOvertakes; ++i) {
    line.go(one);
    line.wait(one);  // comes again, behind
  }
  // The first time it was its turn.
  EXPECT_FALSE(line.barred(one, kThere));
  line.go(one);
  EXPECT_TRUE(line.barred(one, kThere));
}

TEST_F(WaitingLineTest, WhoHasNothingLeftToRunStandsInNobodysWay) {
  line.wait(two);
  for (unsigned i = 0; i < WaitingLine::kMostOvertakes; ++i) line.go(one);
  EXPECT_FALSE(line.barred(one, [&](WaitingLine::Place place) { return place != two; }));
  EXPECT_TRUE(line.empty());
}

TEST_F(WaitingLineTest, TheSameKindWaitsAtEachPlaceForItself) {
  const WaitingLine::Place here{1, 0}, there{1, 1};
  line.wait(here);
  line.wait(there);
  EXPECT_LT(line.number(here), line.number(there));
  line.go(here);
  EXPECT_FALSE(line.number(here));
  EXPECT_TRUE(line.number(there));
}

}  // namespace
}  // namespace trun
