// What the scheduler does when workers die or cannot be had, and when the run is to stop.
#include <gtest/gtest.h>

#include "tests/unit/scheduler/collections.h"
#include "tests/unit/scheduler/step_text.h"
#include "tests/unit/scheduler/worker_options.h"

namespace trun {
namespace {

using std::chrono::milliseconds;

TEST(SchedulerTest, AVerdictOfACrashHasTheReportsOnEarlierOnes) {
  PhaseReport rerun;
  rerun.category = rerun.outcome = "rerun";
  worker_event::Exited event;
  event.current = 0;
  event.verdict = outcome::Crashed{11, Phase::call};
  event.reports = {rerun, rerun};
  const TestResult result = result_of(event, {});
  ASSERT_EQ(result.reports.size(), 2u);
  EXPECT_EQ(result.reports[0].category, "rerun");
}

TEST(SchedulerTest, CrashReturnsUnfinishedTestsToQueue) {
  Told told(collection_of("a:4 b:2"), workers(2));
  told.ready(0);
  told.ready(1);
  told.passes(0, 0);
  EXPECT_EQ(told.dies(0, 1), "1 crashed | start gw0");
  EXPECT_EQ(told.ready(0), "gw0 runs 2");
  EXPECT_EQ(told.passes(1, 3), "3 passed | gw1 runs 5 end | gw0 runs end");
}

TEST(SchedulerTest, ACrashIsAVerdictWithLastWordsAndTime) {
  Told told(collection_of("a:1"), workers(1));
  told.ready(0);
  told.dies(0, 0);
  ASSERT_EQ(told.step().events.size(), 1U);
  const TestResult& result = std::get<event::TestFinished>(told.step().events[0]).result;
  EXPECT_EQ(result.remarks->last_words, "last words");
  EXPECT_EQ(result.attempt, 1);
  EXPECT_EQ(result.slot, 0U);
  EXPECT_EQ(result.total(), milliseconds(2000));
  EXPECT_TRUE(told.scheduler().done());
}

TEST(SchedulerTest, ADeathBetweenItemsCostsNoVerdict) {
  Told told(collection_of("a:2"), workers(1));
  told.ready(0);
  EXPECT_EQ(told.dies(0), "start gw0");
  EXPECT_EQ(told.ready(0), "gw0 runs 0 1 end");
}

TEST(SchedulerTest, AWorkerThatDiesTwiceBeforeItIsReadyIsGivenUp) {
  Told told(collection_of("a:3"), workers(2));
  EXPECT_EQ(told.dies(0), "start gw0");
  EXPECT_EQ(told.dies(0), "");
  EXPECT_EQ(told.ready(1), "gw1 runs 0 1");
}

TEST(SchedulerTest, WithoutWorkersWhatIsLeftIsNotRun) {
  Told told(collection_of("a:3"), workers(1));
  told.ready(0);
  EXPECT_EQ(told.dies(0, 0), "0 crashed | start gw0");
  EXPECT_EQ(told(worker_event::WorkerUnavailable{0, "no server"}), "1 not_run | 2 not_run");
  const auto& first = std::get<event::TestFinished>(told.step().events[0]);
  EXPECT_EQ(outcome_reason(first.result.outcome), "not run: no server");
  EXPECT_TRUE(told.scheduler().done());
}

TEST(SchedulerTest, RestartsAreCounted) {
  SchedulerOptions options = workers(1);
  options.max_restarts = 1;
  Told told(collection_of("a:4"), options);
  told.ready(0);
  EXPECT_EQ(told.dies(0, 0), "0 crashed | start gw0");
  EXPECT_EQ(told.ready(0), "gw0 runs 1 2");
  EXPECT_EQ(told.dies(0, 1), "1 crashed | 2 not_run | 3 not_run");
}

TEST(SchedulerTest, MaxfailCountsAsPytestDoes) {
  SchedulerOptions options = workers(2);
  options.maxfail = 2;
  Told told(collection_of("a:4 b:4"), options);
  told.ready(0);
  told.ready(1);
  EXPECT_EQ(told(worker_event::Finished{0, failed(0, 0, {"call", "teardown"})}),
            "0 failed | stopped: stopping after 2 failures | stop | finish gw0 | finish gw1");
  EXPECT_TRUE(told.scheduler().stopped());
}

TEST(SchedulerTest, XfailedReportsAreNoFailures) {
  SchedulerOptions options = workers(1);
  options.maxfail = 1;
  Told told(collection_of("a:1"), options);
  told.ready(0);
  TestResult result = failed(0, 0);
  result.reports[0].wasxfail = "known";
  result.outcome = outcome::Xfailed{};
  EXPECT_EQ(told(worker_event::Finished{0, result}), "0 xfailed | finish gw0");
}

TEST(SchedulerTest, ACrashCountsAsOneFailure) {
  SchedulerOptions options = workers(1);
  options.maxfail = 1;
  Told told(collection_of("a:3"), options);
  told.ready(0);
  EXPECT_EQ(told.dies(0, 0), "0 crashed | stopped: stopping after 1 failures | stop");
  EXPECT_EQ(told.scheduler().not_started(), (std::vector<ItemIndex>{1, 2}));
  EXPECT_TRUE(told.scheduler().done());
}

TEST(SchedulerTest, AfterAStopRunningTestsStillCount) {
  Told told(collection_of("a:4 b:4"), workers(2));
  told.ready(0);
  told.ready(1);
  EXPECT_EQ(told(worker_event::StopRequested{"KeyboardInterrupt"}),
            "stopped: KeyboardInterrupt | stop | finish gw0 | finish gw1");
  EXPECT_EQ(told(worker_event::StopRequested{"again"}), "");
  EXPECT_EQ(told.passes(0, 0), "0 passed");
  EXPECT_EQ(told.dies(0), "");
  EXPECT_FALSE(told.scheduler().done());  // gw1 may be at a test
  EXPECT_EQ(told.dies(1, 4), "4 crashed");
  EXPECT_TRUE(told.scheduler().done());
  EXPECT_EQ(told.scheduler().not_started(), (std::vector<ItemIndex>{1, 2, 3, 5, 6, 7}));
}

TEST(SchedulerTest, AStoppedSessionStopsTheRun) {
  Told told(collection_of("a:4 b:4"), workers(2));
  told.ready(0);
  told.ready(1);
  EXPECT_EQ(told(worker_event::SessionStopped{0, "enough"}), "stopped: enough | stop | finish gw0 | finish gw1");
  EXPECT_EQ(told.passes(1, 4), "4 passed");
  EXPECT_EQ(told.dies(1), "");
  EXPECT_TRUE(told.scheduler().done());  // gw0 has nothing any more, dead or not
}

TEST(SchedulerTest, ASessionThatHasStoppedMayStillTellOfItsTest) {
  Told told(collection_of("a:4 b:4"), workers(2));
  told.ready(0);
  told.ready(1);
  told(worker_event::SessionStopped{0, "enough"});
  EXPECT_EQ(told.passes(0, 0), "0 passed");
  EXPECT_EQ(told.dies(0, 1), "1 crashed");
  told(worker_event::SessionStopped{1, "enough"});
  EXPECT_EQ(told.dies(1, 4), "4 crashed");
  EXPECT_TRUE(told.scheduler().done());
  EXPECT_EQ(told.scheduler().not_started(), (std::vector<ItemIndex>{2, 3, 5, 6, 7}));
}

}  // namespace
}  // namespace trun
