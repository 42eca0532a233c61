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
  EXPECT_DOUBLE_EQ(estimates.test(4), 90e6);
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
  EXPECT_DOUBLE_EQ(estimates.test(3), 50e6);
  EXPECT_EQ(estimates.remaining(), milliseconds(200));
}

TEST(EstimatesTest, AFilesOwnMeanCorrectsItsOtherTests) {
  const Collection collection = collection_of("a:50 b:50");
  Estimates estimates(collection, {});
  for (ItemIndex i = 0; i < 20; ++i) {
    estimates.finished(i, milliseconds(100));
    estimates.finished(50 + i, milliseconds(2));
  }
  EXPECT_NEAR(estimates.test(49), 100e6, 10e6);
  EXPECT_NEAR(estimates.test(99), 2e6, 6e6);
}

TEST(EstimatesTest, WhatIsSettledWithoutATimeOnlyRemainsNoMore) {
  const Collection collection = collection_of("a:3");
  Estimates estimates(collection, {});
  estimates.settled(0);
  EXPECT_FALSE(estimates.measured());
  EXPECT_EQ(estimates.remaining(), milliseconds(2));
}

TEST(EstimatesTest, ASlowTestHasAnEstimateOfItsOwnAndTheOthersShareTheRest) {
  const Collection collection = collection_of("a:4 b:2");
  Estimates estimates(collection, {milliseconds(130), milliseconds(20)}, {Duration(0), milliseconds(100)});
  EXPECT_FALSE(estimates.is_even(0));
  EXPECT_TRUE(estimates.is_even(1));
  EXPECT_DOUBLE_EQ(estimates.test(1), 100e6);
  EXPECT_DOUBLE_EQ(estimates.test(0), 10e6);
  EXPECT_EQ(estimates.remaining(), milliseconds(150));
  estimates.finished(1, milliseconds(100));
  EXPECT_DOUBLE_EQ(estimates.test(0), 10e6) << "it says nothing of the others";
  EXPECT_EQ(estimates.remaining(), milliseconds(50));
  estimates.settled(0);
  EXPECT_EQ(estimates.remaining(), milliseconds(40));
}

TEST(EstimatesTest, ASlowTestThatTakesTwiceAsLongSaysSoOfTheWholeRun) {
  const Collection collection = collection_of("a:2 b:2");
  Estimates estimates(collection, {milliseconds(110), milliseconds(20)}, {milliseconds(100)});
  estimates.finished(0, milliseconds(200));
  EXPECT_EQ(estimates.remaining(), milliseconds(60));
}

TEST(EstimatesTest, ATestOfAFileThatNoEarlierRunTellsOfIsLikeTheOthers) {
  const Collection collection = collection_of("a:2");
  const Estimates estimates(collection, {}, {milliseconds(100), milliseconds(100)});
  EXPECT_DOUBLE_EQ(estimates.test(0), 1e6);
}

TEST(EstimatesTest, AFileOfSlowTestsAlone) {
  const Collection collection = collection_of("a:2");
  Estimates estimates(collection, {milliseconds(150)}, {milliseconds(100), milliseconds(100)});
  EXPECT_EQ(estimates.remaining(), milliseconds(200));
  estimates.finished(0, milliseconds(100));
  estimates.settled(1);
  EXPECT_EQ(estimates.remaining(), milliseconds(0));
}

}  // namespace
}  // namespace trun
