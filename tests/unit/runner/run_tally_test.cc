// What a run adds up to: which tests count where, and what pytest's cache and trun's history learn of it.
#include "runner/reporting/run_tally.h"

#include <gtest/gtest.h>

#include "tests/unit/scheduler/collections.h"

namespace trun {
namespace {

using std::chrono::milliseconds;

TimePoint at(int ms) { return TimePoint{} + std::chrono::hours(1) + milliseconds(ms); }

/// Ran in `slot` from `begin` on, for `took`.
TestResult ran(ItemIndex item, Slot slot, int begin, int took) {
  TestResult result = passed(item, slot, milliseconds(took));
  result.started = at(begin);
  return result;
}

TestResult not_run(ItemIndex item) {
  TestResult result;
  result.item = item;
  result.outcome = outcome::NotRun{"no worker"};
  return result;
}

std::string results(const SaveCache& frame) {
  std::string text;
  for (const auto& [id, outcome] : frame.results) {
    text.append(text.empty() ? "" : " ").append(id).append("=").append(outcome);
  }
  return text;
}

TEST(RunTallyTest, FailedAndErroredTestsAreBadSkippedOnesAreNot) {
  RunTally tally;
  tally.add(passed(0, 0));
  tally.add(failed(1, 0));
  for (const Outcome& outcome : {Outcome(outcome::Errored{}), Outcome(outcome::Skipped{}), Outcome(outcome::Xfailed{}),
                                 Outcome(outcome::Crashed{11})}) {
    TestResult result = passed(2, 0);
    result.outcome = outcome;
    tally.add(result);
  }
  EXPECT_EQ(tally.bad(), 3u);
  EXPECT_EQ(tally.not_run(), 0u);
}

// A plugin that runs a test itself and reports nothing: pytest does not count it, and the run is not incomplete.
TEST(RunTallyTest, OnlyATestThatNeverBeganIsMissing) {
  RunTally tally;
  tally.add(not_run(0));
  TestResult begun = not_run(1);
  begun.started = at(0);
  tally.add(begun);
  EXPECT_EQ(tally.not_run(), 1u);
  EXPECT_TRUE(tally.has(0));
  EXPECT_TRUE(tally.has(1));
  EXPECT_FALSE(tally.has(2));
}

TEST(RunTallyTest, IdleIsTheTimeBetweenTestsOfOneSlot) {
  RunTally tally;
  tally.add(ran(0, 0, 100, 50));  // what came before the first is no gap
  tally.add(ran(1, 1, 400, 50));  // nor is another slot's
  tally.add(ran(2, 0, 170, 30));
  tally.add(ran(3, 0, 195, 5));  // clocks of two processes may overlap
  EXPECT_EQ(tally.figures(milliseconds(1000)).scheduling_idle, milliseconds(20));
}

TEST(RunTallyTest, UtilisationIsBusyTimeOfASlotAndNeverMoreThanAll) {
  RunTally tally;
  tally.add(ran(0, 0, 0, 50));
  tally.add(ran(1, 0, 50, 50));
  tally.add(ran(2, 1, 0, 300));
  tally.add(failed(3, 2));  // refused without a worker
  using Utilisation = std::vector<std::pair<Slot, double>>;
  EXPECT_EQ(tally.figures(milliseconds(200)).utilisation, (Utilisation{{0, 0.5}, {1, 1.0}}));
}

TEST(RunTallyTest, PhasesAddUpOverAllAttempts) {
  RunTally tally;
  TestResult result = ran(0, 0, 0, 3);
  result.setup = milliseconds(1);
  result.teardown = milliseconds(2);
  tally.add(result);
  tally.add(result);
  const event::RunFigures figures = tally.figures(milliseconds(1));
  EXPECT_EQ(figures.setup, milliseconds(2));
  EXPECT_EQ(figures.call, milliseconds(6));
  EXPECT_EQ(figures.teardown, milliseconds(4));
}

TEST(RunTallyTest, APropertyIsNewsOnceForAllProcessesThatSayItAsOften) {
  RunTally tally;
  const event::SuiteProperty version{"version", "1"};
  EXPECT_TRUE(tally.is_news(0, 1, version));
  EXPECT_FALSE(tally.is_news(1, 1, version)) << "another process runs the same fixture";
  EXPECT_FALSE(tally.is_news(0, 2, version)) << "and so does its successor";
  EXPECT_TRUE(tally.is_news(1, 1, version)) << "one process says it twice: it stands there twice";
  EXPECT_FALSE(tally.is_news(0, 1, version));
  EXPECT_TRUE(tally.is_news(0, 1, {"version", "2"}));
}

TEST(RunTallyTest, TheCacheLearnsTheLastVerdictOfWhatRan) {
  const Collection collection = collection_of("a:4");
  RunTally tally;
  tally.add(failed(0, 0));
  tally.add(passed(0, 1));  // flaky: its last attempt counts
  TestResult skipped = passed(1, 0);
  skipped.outcome = outcome::Skipped{};
  tally.add(skipped);
  tally.add(failed(2, 0));
  tally.add(not_run(2));  // its next attempt found no worker
  tally.add(not_run(3));
  const SaveCache frame = tally.cache_frame(collection, {}, {});
  EXPECT_EQ(results(frame), "a.py::test_0=passed a.py::test_1=skipped a.py::test_2=failed");
  EXPECT_EQ(frame.collected.size(), 4u) << "also what did not run: --lf knows what there is";
}

TEST(RunTallyTest, TheCacheLearnsWhatCouldNotBeCollected) {
  event::CollectReport good, bad;
  good.node_id = "a.py";
  good.report.outcome = "passed";
  bad.node_id = "b.py";
  bad.report.outcome = "failed";
  const std::vector<event::CollectReport> reports = {good, bad};
  EXPECT_EQ(RunTally().cache_frame({}, reports, {}).failed_collect, std::vector<std::string_view>{"b.py"});
}

TEST(RunTallyTest, OnlyAFileThatRanAsAWholeIsRecordedAndSmoothed) {
  const Collection collection = collection_of("a:2 b:2");
  RunTally tally;
  tally.add(passed(0, 0, milliseconds(1000)));
  tally.add(passed(1, 1, milliseconds(2000)));
  tally.add(passed(2, 0, milliseconds(5000)));
  tally.add(not_run(3));
  const SaveCache frame = tally.cache_frame(collection, {}, History({{"a.py", 1.0}, {"b.py", 7.0}}));
  using Durations = std::vector<std::pair<std::string, double>>;
  EXPECT_EQ(frame.durations, (Durations{{"a.py", 2.0}}));
}

TEST(RunTallyTest, ATestThatIsMuchSlowerThanTheOthersOfItsFileIsRecordedToo) {
  const Collection collection = collection_of("a:4 b:2 c:2");
  RunTally tally;
  tally.add(passed(0, 0, milliseconds(10)));
  tally.add(passed(1, 0, milliseconds(200)));
  tally.add(passed(2, 0, milliseconds(10)));
  tally.add(passed(3, 0, milliseconds(180)));
  tally.add(passed(4, 0, milliseconds(300)));  // as slow as the other
  tally.add(passed(5, 0, milliseconds(300)));
  tally.add(passed(6, 0, milliseconds(1)));
  tally.add(passed(7, 0, milliseconds(20)));  // slow for its file, and no matter
  const SaveCache frame = tally.cache_frame(collection, {}, History({{"a.py::test_1", 0.2}}));
  using Durations = std::vector<std::pair<std::string, double>>;
  EXPECT_EQ(frame.durations, (Durations{{"a.py", 0.4}, {"a.py::test_1", 0.2}, {"b.py", 0.6}, {"c.py", 0.021}}));
}

}  // namespace
}  // namespace trun
