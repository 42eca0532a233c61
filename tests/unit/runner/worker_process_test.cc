// take_results: passes come by the ring and all else by frames, and each item has one result, in the order in which the
// items were assigned.
#include "runner/workers/worker_process.h"

#include <gtest/gtest.h>

#include "tests/unit/runner/fake_worker.h"

namespace trun {
namespace {

using std::chrono::milliseconds;

TimePoint at(int ms) { return TimePoint{} + std::chrono::hours(1) + milliseconds(ms); }

class TakeResultsTest : public testing::Test {
 protected:
  TakeResultsTest() {
    worker().assigned = {7, 3, 5};
    worker().ended = true;  // all that it wrote can be seen
  }

  WorkerProcess& worker() { return fake_.process(); }
  /// "7 passed, 3 failed" of what is taken now; an error's text.
  std::string taken() {
    const auto results = take_results(worker());
    if (!results.ok()) return results.error().message;
    std::string text;
    for (const TestResult& result : *results) {
      text.append(text.empty() ? "" : ", ").append(std::to_string(result.item)).append(" ");
      text += outcome_name(result.outcome);
    }
    return text;
  }

  FakeWorker fake_{2};
};

TEST_F(TakeResultsTest, RingAndFramesAreMergedByOrdinal) {
  fake_.reports(1, outcome::Failed{});
  fake_.passes(0, at(0), milliseconds(20));
  fake_.passes(2, at(30));
  const std::vector<TestResult> results = take_results(worker()).value();
  ASSERT_EQ(results.size(), 3u);
  EXPECT_EQ(results[0].item, 7u);
  EXPECT_EQ(results[0].call, milliseconds(20));
  EXPECT_EQ(results[0].started, at(0));
  EXPECT_EQ(results[1].item, 3u);
  EXPECT_EQ(outcome_name(results[1].outcome), "failed");
  EXPECT_EQ(results[2].item, 5u);
  for (const TestResult& result : results) EXPECT_EQ(result.slot, 2u);
  EXPECT_EQ(worker().delivered, 3u);
}

TEST_F(TakeResultsTest, WhatIsAheadWaitsForWhatComesBeforeIt) {
  fake_.passes(1, at(10));
  EXPECT_EQ(taken(), "");
  EXPECT_EQ(worker().delivered, 0u);
  EXPECT_EQ(worker().delivered_at, TimePoint{}) << "nothing was taken";
  fake_.reports(0, outcome::Skipped{});
  EXPECT_EQ(taken(), "7 skipped, 3 passed");
  EXPECT_NE(worker().delivered_at, TimePoint{});
}

TEST_F(TakeResultsTest, ATestOfWhichNothingCameHoldsUpThoseBehindIt) {
  fake_.reports(0, outcome::Passed{});
  fake_.reports(2, outcome::Passed{});
  EXPECT_EQ(taken(), "7 passed");
  EXPECT_EQ(worker().delivered, 1u);
}

// It has timed out: that it says "passed" after that is no verdict, nor is anything behind it.
TEST_F(TakeResultsTest, FromTheTestOnForWhichItIsStoppedNothingCounts) {
  worker().stopping.emplace().ordinal = 1;
  for (const int ordinal : {0, 1, 2}) fake_.passes(static_cast<std::uint64_t>(ordinal), at(ordinal));
  EXPECT_EQ(taken(), "7 passed");
}

TEST_F(TakeResultsTest, StoppedAtNoTestWhatItHasSaidCounts) {
  worker().stopping.emplace();
  fake_.passes(0, at(0));
  EXPECT_EQ(taken(), "7 passed");
}

TEST_F(TakeResultsTest, AResultForWhatItNeverHadIsNonsense) {
  fake_.reports(3, outcome::Passed{});
  EXPECT_EQ(taken(), "a result for item 3 of 3");
}

TEST_F(TakeResultsTest, ARecordOfWhatItNeverHadIsNonsense) {
  fake_.passes(3, at(0));
  EXPECT_NE(taken().find("nonsense on the status page"), std::string::npos);
}

TEST_F(TakeResultsTest, TimesThatNoClockGivesAreCounted) {
  fake_.passes(0, at(0), std::chrono::hours(24 * 300));
  EXPECT_EQ(taken(), "7 passed");
  EXPECT_EQ(worker().odd_times, 1u);
}

TEST(FinishTest, AWorkerIsToldOnceToEndItsSession) {
  FakeWorker fake(0);
  fake.process().finish();
  fake.process().finish();
  EXPECT_EQ(fake.told(), std::vector<std::string>{"finish"});
}

TEST(EndedWellTest, OnlyWhoEndedItsSessionAndThenItself) {
  FakeWorker fake(0);
  WorkerProcess& worker = fake.process();
  fake.ends(1);
  EXPECT_FALSE(ended_well(worker)) << "it never said that it was done";
  worker.done.emplace();
  EXPECT_TRUE(ended_well(worker)) << "failed tests are exit 1";
  worker.lost = "interrupted twice";
  EXPECT_FALSE(ended_well(worker));
  worker.lost.clear();
  fake.dies_of(11);
  EXPECT_FALSE(ended_well(worker));
}

}  // namespace
}  // namespace trun
