// Who is given what, and when: the scheduler as a whole.
#include "scheduler/scheduler.h"

#include <gtest/gtest.h>

#include "runner/base/invariant.h"
#include "tests/unit/scheduler/collections.h"
#include "tests/unit/scheduler/step_text.h"
#include "tests/unit/scheduler/worker_options.h"

namespace trun {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using Affinity = SchedulerOptions::Affinity;

TEST(SchedulerTest, AWorkerAlwaysKnowsItsNextItemOrThatThereIsNone) {
  Told told(collection_of("a:3"), workers(1));
  EXPECT_EQ(told.ready(0), "gw0 runs 0 1");
  EXPECT_EQ(told.passes(0, 0), "0 passed | gw0 runs 2 end");
  EXPECT_EQ(told.passes(0, 1), "1 passed");
  EXPECT_EQ(told.passes(0, 2), "2 passed | finish gw0");
  EXPECT_TRUE(told.scheduler().done());
}

// celery's suite: what a file leaves behind only later ones can bear. (It was begun with the longest.)
TEST(SchedulerTest, AWorkerRunsItsFilesInCollectionOrder) {
  SchedulerOptions options = workers(1);
  options.file_estimates = {milliseconds(10), milliseconds(300), milliseconds(20)};
  Told told(collection_of("a:1 b:1 c:1"), options);
  EXPECT_EQ(told.ready(0), "gw0 runs 0 1");
  EXPECT_EQ(told.passes(0, 0), "0 passed | gw0 runs 2 end");
}

TEST(SchedulerTest, LongestFirstDecidesWhoGetsWhat) {
  SchedulerOptions options = workers(2, Affinity::file);
  options.file_estimates = {milliseconds(1000), milliseconds(1000), milliseconds(6000), milliseconds(2000),
                            milliseconds(2000)};
  Told told(collection_of("a:1 b:1 c:1 d:1 e:1"), options);
  EXPECT_EQ(told.ready(0), "gw0 runs 2 end");
  EXPECT_EQ(told.ready(1), "gw1 runs 0 1");
  EXPECT_EQ(told.passes(1, 0, milliseconds(1000)), "0 passed | gw1 runs 3");
  EXPECT_EQ(told.passes(1, 1, milliseconds(1000)), "1 passed | gw1 runs 4 end");
}

TEST(SchedulerTest, AProcessDoesNotGoBackForLittle) {
  Told told(collection_of("a:4 b:4 c:4 d:4"), workers(2, Affinity::file));
  EXPECT_EQ(told.ready(0), "gw0 runs 0 1 2 3 low 2");
  told.ready(1);
  for (const ItemIndex item : {4, 5, 6, 7, 12, 13, 14, 15}) told.passes(1, item, microseconds(50));
  EXPECT_TRUE(told.step().actions.empty());  // c would come after d
  told.passes(0, 0, microseconds(50));
  EXPECT_EQ(told.passes(0, 1, microseconds(50)), "1 passed | gw0 runs 8 9 10 11 end low 2 | gw1 runs end low 3");
}

TEST(SchedulerTest, AFreshProcessGoesBackWhereThatPays) {
  Told told(collection_of("a:4 b:4 c:4 d:4"), workers(2, Affinity::file));
  told.ready(0);
  told.ready(1);
  std::string said;
  for (const ItemIndex item : {4, 5, 6, 7, 12, 13, 14, 15}) said += told.passes(1, item, milliseconds(100)) + "\n";
  EXPECT_NE(said.find("| gw1 is worn by order | gw1 runs 15 | recycle gw1"), std::string::npos) << said;
  EXPECT_EQ(told.ready(1), "gw1 runs 8 9");
}

/// gw0 is at a, the others are through with b, c and d. An earlier run calls all of them quick.
struct OneLeft : Told {
  OneLeft() : Told(collection_of("a:7 b:1 c:1 d:1"), options()) {
    for (Slot slot = 0; slot < 4; ++slot) ready(slot);
    for (Slot slot = 1; slot < 4; ++slot) passes(slot, 6 + slot, milliseconds(1));
  }
  static SchedulerOptions options() {
    SchedulerOptions options = workers(4);
    options.file_estimates.assign(4, milliseconds(1));
    return options;
  }
};

TEST(SchedulerTest, WhoIsToBeRelievedGoesOnMeanwhile) {
  OneLeft told;
  EXPECT_EQ(told.passes(0, 0, milliseconds(900)),
            "0 passed | gw1 is worn by order | gw2 is worn by order | gw3 is worn by order | gw0 runs 2 | "
            "recycle gw1 | recycle gw2 | recycle gw3");
  // They may be long in coming.
  EXPECT_EQ(told.passes(0, 1, milliseconds(900)), "1 passed | gw0 runs 3");
  EXPECT_EQ(told.passes(0, 2, milliseconds(900)), "2 passed | gw0 runs 4");
  EXPECT_EQ(told.ready(1), "gw1 runs 6 end");
}

TEST(SchedulerTest, SoManyTakeOverAsTheWorkIsWorth) {
  OneLeft told;
  // Four of them are left, and 250 ms are what one must spare others.
  EXPECT_EQ(told.passes(0, 0, milliseconds(250)), "0 passed | gw1 is worn by order | gw0 runs 2 | recycle gw1");
}

TEST(SchedulerTest, WhereWorkersAreNamedNobodyGoesBack) {
  SchedulerOptions options = workers(2, Affinity::file);
  options.takes_over = false;
  Told told(collection_of("a:4 b:4 c:4 d:4"), options);
  told.ready(0);
  told.ready(1);
  std::string said;
  for (const ItemIndex item : {4, 5, 6, 7, 12, 13, 14, 15}) said += told.passes(1, item, milliseconds(100)) + "\n";
  EXPECT_EQ(said.find("recycle"), std::string::npos) << said;
  EXPECT_EQ(said.find("runs 8"), std::string::npos) << said;
}

TEST(SchedulerTest, WhatIsAheadMovesToWhoRunsOut) {
  Told told(collection_of("a:4 b:4 c:4 d:4 e:4"), workers(2, Affinity::file));
  told.ready(0);
  told.ready(1);
  std::string said;
  for (const ItemIndex item : {4, 5, 6, 7, 12, 13, 14, 15}) said += told.passes(1, item, microseconds(50)) + "\n";
  EXPECT_NE(said.find("| gw1 runs 16 17 18 19"), std::string::npos) << said;
}

TEST(SchedulerTest, WhatTurnsOutToBeSlowGoesToAFreshProcess) {
  Told told(collection_of("a:4 b:4 c:4 d:4"), workers(2, Affinity::file));
  EXPECT_EQ(told.ready(0), "gw0 runs 0 1 2 3 low 2");
  EXPECT_EQ(told.ready(1), "gw1 runs 4 5");
  std::string said;
  for (const ItemIndex item : {4, 5, 6, 7, 12, 13, 14}) said += told.passes(1, item, microseconds(50)) + "\n";
  // c seems too quick to be moved. If gw1 began its last test now, it would tear down its session for it.
  EXPECT_EQ(said.find("end"), std::string::npos) << said;
  EXPECT_EQ(told.passes(0, 0, milliseconds(1000)), "0 passed | gw1 is worn by order | recycle gw1");
  EXPECT_EQ(told.ready(1), "gw1 runs 8");
}

TEST(SchedulerTest, WhatTheDeadLeaveAFreshProcessRuns) {
  Told told(collection_of("a:4 b:4"), workers(2, Affinity::file));
  told.ready(0);
  told.ready(1);
  for (const ItemIndex item : {4, 5, 6, 7}) told.passes(1, item, microseconds(50));
  // gw1 has torn down its session.
  EXPECT_EQ(told.dies(0, 0), "0 crashed | start gw0");
  EXPECT_EQ(told.ready(0), "gw0 runs 1 2 3 end");
}

TEST(SchedulerTest, WhatTheDeadLeaveAnybodyRunsWhereNobodyIsReplaced) {
  SchedulerOptions options = workers(2, Affinity::file);
  options.max_restarts = 0;
  Told told(collection_of("a:4 b:4"), options);
  told.ready(0);
  told.ready(1);
  for (const ItemIndex item : {4, 5, 6}) told.passes(1, item, microseconds(50));
  EXPECT_EQ(told.passes(1, 7, microseconds(50)), "7 passed");
  EXPECT_EQ(told.dies(0, 0), "0 crashed | gw1 runs 1 2 3 end");
}

TEST(SchedulerTest, InOrderIsCollectionOrder) {
  SchedulerOptions options = workers(1);
  options.in_order = true;
  Told told(collection_of("a:2 b:4"), options);
  EXPECT_EQ(told.ready(0), "gw0 runs 0 1");
  EXPECT_EQ(told.passes(0, 0), "0 passed | gw0 runs 2 3 4 5 end low 2");
}

TEST(SchedulerTest, WithoutReorderingWhatStaysTogetherIsHandedOutInCollectionOrder) {
  SchedulerOptions options = workers(2, Affinity::file);
  options.file_estimates = {milliseconds(10), milliseconds(300), milliseconds(20)};
  EXPECT_EQ(Told(collection_of("a:1 b:1 c:1"), options).ready(0).substr(0, 10), "gw0 runs 1");
  options.largest_first = false;
  EXPECT_EQ(Told(collection_of("a:1 b:1 c:1"), options).ready(0).substr(0, 10), "gw0 runs 0");
}

TEST(SchedulerTest, NoStepGivesAWorkerMoreTestsThanItMay) {
  SchedulerOptions options = workers(2);
  options.max_chunk = 1;
  Told told(collection_of("a:20 b:20"), options);
  // Two, because a test begins only when the next is known.
  EXPECT_EQ(told.ready(0), "gw0 runs 0 1");
  EXPECT_EQ(told.passes(0, 0, microseconds(1)), "0 passed | gw0 runs 2");
}

TEST(SchedulerTest, FewTestsAreSpreadOverAllWorkers) {
  Told told(collection_of("a:2"), workers(2));
  EXPECT_EQ(told.ready(0), "gw0 runs 0");
  EXPECT_EQ(told.ready(1), "gw1 runs 1 end | gw0 runs end");
}

TEST(SchedulerTest, AnEmptyCollectionEndsAtOnce) {
  Told told(Collection{}, workers(2));
  EXPECT_EQ(told.ready(0), "finish gw0 | finish gw1");
  EXPECT_TRUE(told.scheduler().done());
  EXPECT_EQ(told.ready(1), "");
}

TEST(SchedulerTest, AWorkerStaysWithItsFile) {
  Told told(collection_of("a:20 b:20"), workers(2));
  EXPECT_EQ(told.ready(0), "gw0 runs 0 1 2 3 4 low 2");
  EXPECT_EQ(told.ready(1), "gw1 runs 20 21 22 23 low 2");
  told.passes(0, 0, milliseconds(1000));
  told.passes(0, 1, milliseconds(1000));
  EXPECT_EQ(told.passes(0, 2, milliseconds(1000)), "2 passed | gw0 runs 5");
}

TEST(SchedulerTest, AFileIsCutWhereItsSlowTestsDivideIt) {
  SchedulerOptions options = workers(2);
  options.file_estimates = {milliseconds(2016)};
  options.test_estimates.assign(20, Duration(0));
  for (const ItemIndex slow : {16, 17, 18, 19}) options.test_estimates[slow] = milliseconds(500);
  Told told(collection_of("a:20"), options);
  told.ready(0);
  EXPECT_EQ(told.ready(1), "gw1 runs 18 19 end");
}

TEST(SchedulerTest, AFileOfMoreThanAnEqualShareIsCut) {
  Told told(collection_of("a:20"), workers(2));
  EXPECT_EQ(told.ready(0), "gw0 runs 0 1");
  EXPECT_EQ(told.ready(1), "gw1 runs 10 11");
  EXPECT_EQ(told.passes(1, 10, milliseconds(1000)), "10 passed | gw1 runs 12");
}

TEST(SchedulerTest, TheBackHalfOfAFileGoesToAWorkerWithoutOne) {
  Told told(collection_of("a:10 b:10"), workers(2));
  EXPECT_EQ(told.ready(0), "gw0 runs 0 1");
  EXPECT_EQ(told.ready(1), "gw1 runs 10 11");
  std::string said;
  for (ItemIndex item = 0; item < 10; ++item) said += told.passes(0, item, milliseconds(100)) + "\n";
  EXPECT_NE(said.find("| gw0 runs 16"), std::string::npos) << said;
}

TEST(SchedulerTest, ChunksOfCheapTestsGrowOnceTheyAreMeasured) {
  Told told(collection_of("a:2000 b:2000"), workers(2));
  EXPECT_EQ(told.ready(0), "gw0 runs 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 low 8");
  for (ItemIndex i = 0; i < 7; ++i) told.passes(0, i, microseconds(50));
  told.passes(0, 7, microseconds(50));
  ASSERT_EQ(told.step().actions.size(), 1U);
  const auto& assign = std::get<action::Assign>(told.step().actions[0]);
  EXPECT_EQ(assign.items.front(), 16U);
  EXPECT_GT(assign.items.size(), 200U);  // about 25 ms of tests that take about 50 us
  EXPECT_LT(assign.items.size(), 700U);
  EXPECT_EQ(assign.low, assign.items.size() / 2);
}

TEST(SchedulerTest, NeedsWorkThatCrossedAnAssignIsIgnored) {
  Told told(collection_of("a:8"), workers(1));
  EXPECT_EQ(told.ready(0), "gw0 runs 0 1");
  EXPECT_EQ(told.needs(0), "");
}

TEST(SchedulerTest, AQueueIsClosedOnceOthersHaveTakenTheRest) {
  Told told(collection_of("a:4 b:2"), workers(2));
  EXPECT_EQ(told.ready(0), "gw0 runs 0 1");
  EXPECT_EQ(told.ready(1), "gw1 runs 3 4");
  EXPECT_EQ(told.passes(0, 0), "0 passed | gw0 runs 2");
  EXPECT_EQ(told.passes(1, 3), "3 passed | gw1 runs 5 end");
  EXPECT_EQ(told.passes(0, 1), "1 passed | gw0 runs end");
}

TEST(SchedulerTest, WorkersWaitForWorkThatMayComeBack) {
  SchedulerOptions options = workers(2);
  options.max_restarts = 0;
  Told told(collection_of("a:4 b:2"), options);
  told.ready(0);
  told.ready(1);
  told.passes(0, 0);
  told.passes(1, 3);
  told.passes(1, 4);
  EXPECT_EQ(told.passes(1, 5), "5 passed");
  EXPECT_EQ(told.dies(0, 1), "1 crashed | gw1 runs 2 end");
  EXPECT_FALSE(told.scheduler().done());
  EXPECT_EQ(told.passes(1, 2), "2 passed | finish gw1");
  EXPECT_TRUE(told.scheduler().done());
}

TEST(SchedulerTest, LoadfileNeverSplitsAFile) {
  Told told(collection_of("a:5 b:1 c:1"), workers(2, Affinity::file));
  EXPECT_EQ(told.ready(0), "gw0 runs 0 1");
  EXPECT_EQ(told.ready(1), "gw1 runs 5 6 end");
  EXPECT_EQ(told.passes(1, 5), "5 passed");
  EXPECT_EQ(told.passes(1, 6), "6 passed");
  EXPECT_EQ(told.dies(0, 0), "0 crashed | start gw0");
  EXPECT_EQ(told.ready(0), "gw0 runs 1 2 3 4 end low 2");
}

TEST(SchedulerTest, LoadscopeKeepsClassesAndModulesTogether) {
  Collection collection;
  const FileIndex file = add_file(collection, "a.py");
  for (const char* name : {"TestA::x", "TestA::y", "TestB::x", "TestB::y", "f", "TestA::z"}) {
    add_item(collection, file, name);
  }
  Told told(collection, workers(2, Affinity::scope));
  EXPECT_EQ(told.ready(0), "gw0 runs 0 1");
  EXPECT_EQ(told.ready(1), "gw1 runs 2 3");
  EXPECT_EQ(told.passes(0, 0), "0 passed | gw0 runs 5");
  EXPECT_EQ(told.passes(1, 2), "2 passed | gw1 runs 4 end");
  EXPECT_EQ(told.passes(0, 1), "1 passed | gw0 runs end");
}

TEST(SchedulerTest, LoadgroupKeepsGroupsTogetherAcrossFiles) {
  Collection collection;
  const FileIndex a = add_file(collection, "a.py"), b = add_file(collection, "b.py");
  add_item(collection, a, "x", "g");
  add_item(collection, a, "y");
  add_item(collection, b, "x", "g");
  add_item(collection, b, "y");
  add_item(collection, b, "z", "g");
  Told told(collection, workers(2, Affinity::group));
  EXPECT_EQ(told.ready(0), "gw0 runs 0 2");
  EXPECT_EQ(told.ready(1), "gw1 runs 1 3 end");
  EXPECT_EQ(told.passes(0, 0), "0 passed | gw0 runs 4 end");
}

TEST(SchedulerTest, TimeLeftFollowsWhatIsMeasured) {
  Told told(collection_of("a:11"), workers(1));
  EXPECT_EQ(told.scheduler().left(), std::nullopt);
  told.ready(0);
  told.passes(0, 0, milliseconds(100));
  ASSERT_TRUE(told.scheduler().left());
  EXPECT_NEAR(seconds(*told.scheduler().left()), 1.0, 0.01);
}

TEST(SchedulerTest, TimeLeftIsDividedAmongWorkers) {
  SchedulerOptions options = workers(2);
  options.file_estimates = {milliseconds(300), milliseconds(100)};
  Told told(collection_of("a:3 b:1"), options);
  EXPECT_EQ(told.scheduler().left(), milliseconds(200));
}

// Release had no asserts: a second verdict made a count of tests without one run below zero, and the run never ended.
TEST(SchedulerTest, ASecondVerdictOnATestIsABugInEveryBuild) {
  const Collection collection = collection_of("a:3");
  Scheduler scheduler(collection, workers(1));
  (void)scheduler.handle(worker_event::Ready{0, {}, true}, {});
  (void)scheduler.handle(worker_event::SessionStopped{0, "stopped"}, {});
  (void)scheduler.handle(worker_event::Finished{0, passed(1, 0)}, {});
  EXPECT_THROW((void)scheduler.handle(worker_event::Finished{0, failed(1, 0)}, {}), Bug);
  EXPECT_TRUE(scheduler.untold().empty());
}

TEST(SchedulerTest, TheVerdictThatCameWithABugIsNotLost) {
  const Collection collection = collection_of("a:3");
  Scheduler scheduler(collection, workers(1));
  (void)scheduler.handle(worker_event::Ready{0, {}, true}, {});
  EXPECT_THROW((void)scheduler.handle(worker_event::Finished{0, failed(2, 0)}, {}), Bug);  // out of order
  const std::vector<RunEvent> untold = scheduler.untold();
  ASSERT_EQ(untold.size(), 1u);
  const TestResult& result = std::get<event::TestFinished>(untold[0]).result;
  EXPECT_EQ(result.item, 2u);
  EXPECT_EQ(result.reports.size(), 1u);
}

}  // namespace
}  // namespace trun
