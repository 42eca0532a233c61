#include "scheduler/estimates.h"

#include <gtest/gtest.h>

#include "tests/unit/scheduler/collections.h"

namespace trun {
namespace {

using std::chrono::milliseconds;

TEST(EstimatesTest, NothingKnownIsAMillisecondATest) {
  const Collection collection = collection_of("a:3 b:2");
  const Estimates estimates(collection, {});
  EXPECT_FALSE(estimates.known());
  EXPECT_DOUBLE_EQ(estimates.test(0), 1e6);
  EXPECT_EQ(estimates.remaining(), milliseconds(5));
}

TEST(EstimatesTest, AFilesEstimateIsSharedByItsTests) {
  const Collection collection = collection_of("a:4 b:2");
  const Estimates estimates(collection, {milliseconds(400), milliseconds(0)});
  EXPECT_TRUE(estimates.known());
  EXPECT_DOUBLE_EQ(estimates.test(0), 100e6);
  EXPECT_FALSE(estimates.guessed(0));
}

TEST(EstimatesTest, WhatIsNotKnownIsGuessedByTheMeanOfTheOthers) {
  const Collection collection = collection_of("a:4 b:2 c:1");
  const Estimates estimates(collection, {milliseconds(400), milliseconds(0), milliseconds(50)});
  EXPECT_TRUE(estimates.guessed(1));
  EXPECT_DOUBLE_EQ(estimates.test(1), 90e6);
}

TEST(EstimatesTest, WhatIsLeftFitsIntoADuration) {
  const Collection collection = collection_of("a:1 b:1 c:1 d:1 e:1 f:1 g:1 h:1 i:1 j:1 k:1");
  const Estimates estimates(collection, std::vector<Duration>(11, Duration(1'000'000'000'000'000'000)));
  EXPECT_EQ(estimates.remaining(), Duration(1'000'000'000'000'000'000));
}

TEST(EstimatesTest, TheRunsMeanCorrectsFilesThatHaveNotBegun) {
  const Collection collection = collection_of("a:3 b:2");
  Estimates estimates(collection, {});
  estimates.finished(0, milliseconds(50));
  EXPECT_DOUBLE_EQ(estimates.test(1), 50e6);
  EXPECT_EQ(estimates.remaining(), milliseconds(200));
}

TEST(EstimatesTest, AFilesOwnMeanCorrectsItsOtherTests) {
  const Collection collection = collection_of("a:50 b:50");
  Estimates estimates(collection, {});
  for (int i = 0; i < 20; ++i) {
    estimates.finished(0, milliseconds(100));
    estimates.finished(1, milliseconds(2));
  }
  EXPECT_NEAR(estimates.test(0), 100e6, 10e6);
  EXPECT_NEAR(estimates.test(1), 2e6, 6e6);
}

TEST(EstimatesTest, WhatIsSettledWithoutATimeOnlyRemainsNoMore) {
  const Collection collection = collection_of("a:3");
  Estimates estimates(collection, {});
  estimates.settled(0);
  EXPECT_FALSE(estimates.measured());
  EXPECT_EQ(estimates.remaining(), milliseconds(2));
}

}  // namespace
}  // namespace trun
