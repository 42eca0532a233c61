// Processes that may run no further test: how the slot gets a fresh one, and what becomes of what was queued.
#include <gtest/gtest.h>

#include "tests/unit/scheduler/collections.h"
#include "tests/unit/scheduler/step_text.h"

namespace trun {
namespace {

SchedulerOptions in_order() {
  SchedulerOptions options;
  options.in_order = true;
  return options;
}

SchedulerOptions workers(unsigned count) {
  SchedulerOptions options;
  options.workers = count;
  options.in_order = count == 1;
  return options;
}

/// The tests of `words`, each with what it says of its isolation.
Collection isolated(const std::string& words, const std::vector<Isolation>& isolation) {
  Collection collection = collection_of(words);
  for (ItemIndex i = 0; i < isolation.size(); ++i) collection.items[i].demands.isolate = isolation[i];
  return collection;
}

constexpr Isolation kNone = Isolation::none, kFile = Isolation::file, kTest = Isolation::test;

TEST(RecyclingTest, AProcessRunsNoMoreTestsThanItMay) {
  SchedulerOptions options = in_order();
  options.max_tests_per_worker = 2;
  Told told(collection_of("a:3 b:2"), options);
  EXPECT_EQ(told.ready(0), "gw0 is worn by tests | gw0 runs 0 1 end | recycle gw0");
  EXPECT_EQ(told.passes(0, 0), "0 passed");
  EXPECT_EQ(told.passes(0, 1), "1 passed");
  EXPECT_EQ(told.ready(0), "gw0 is worn by tests | gw0 runs 2 3 end | recycle gw0");
  told.passes(0, 2);
  told.passes(0, 3);
  EXPECT_EQ(told.ready(0), "gw0 runs 4 end");
  EXPECT_EQ(told.passes(0, 4), "4 passed | finish gw0");
}

TEST(RecyclingTest, NoProcessIsStartedWhereNoWorkIsLeft) {
  SchedulerOptions options = in_order();
  options.max_tests_per_worker = 2;
  Told told(collection_of("a:2"), options);
  EXPECT_EQ(told.ready(0), "gw0 runs 0 1 end");
}

TEST(RecyclingTest, AnIsolatedTestIsAloneInItsProcessAndOneWorkerKeepsTheOrder) {
  Told told(isolated("a:4", {kNone, kTest, kTest, kNone}), workers(1));
  EXPECT_EQ(told.ready(0), "gw0 is worn by isolation | gw0 runs 0 end | recycle gw0");
  told.passes(0, 0);
  EXPECT_EQ(told.ready(0), "gw0 is worn by isolation | gw0 runs 1 end | recycle gw0");
  told.passes(0, 1);
  EXPECT_EQ(told.ready(0), "gw0 is worn by isolation | gw0 runs 2 end | recycle gw0");
  told.passes(0, 2);
  EXPECT_EQ(told.ready(0), "gw0 runs 3 end");
}

TEST(RecyclingTest, OneTestMakesItsFileAProcessOfItsOwn) {
  Told told(isolated("a:1 b:2 c:1", {kNone, kNone, kFile, kNone}), workers(1));
  EXPECT_EQ(told.ready(0), "gw0 is worn by isolation | gw0 runs 0 end | recycle gw0");
  told.passes(0, 0);
  EXPECT_EQ(told.ready(0), "gw0 is worn by isolation | gw0 runs 1 2 end | recycle gw0");
}

TEST(RecyclingTest, WhatIsIsolatedGoesFirstToAProcessThatIsFresh) {
  Told told(isolated("a:2 b:9", {kTest, kTest, kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone}),
            workers(2));
  EXPECT_EQ(told.ready(0), "gw0 is worn by isolation | gw0 runs 0 end | recycle gw0");
  EXPECT_EQ(told.ready(1), "gw1 runs 7 8");
  told.passes(0, 0);
  EXPECT_EQ(told.ready(0), "gw0 is worn by isolation | gw0 runs 1 end | recycle gw0");
  told.passes(0, 1);
  EXPECT_EQ(told.ready(0), "gw0 runs 2 3");
}

TEST(RecyclingTest, ATestSaysMoreThanTheRun) {
  SchedulerOptions options = workers(1);
  options.isolation = Isolation::test;
  Told told(isolated("a:3", {kNone, kNone}), options);
  EXPECT_EQ(told.ready(0), "gw0 is worn by isolation | gw0 runs 0 1 end | recycle gw0");
}

TEST(RecyclingTest, AWornWorkerKeepsWhatItSaysAndGivesBackTheRest) {
  Told told(collection_of("a:8"), in_order());
  EXPECT_EQ(told.ready(0), "gw0 runs 0 1");
  EXPECT_EQ(told.passes(0, 0), "0 passed | gw0 runs 2 3 4 5 6 low 2");
  EXPECT_EQ(told.gives_back(0, 1), "gw0 is worn by memory | recycle gw0");
  EXPECT_EQ(told.passes(0, 1), "1 passed");
  EXPECT_EQ(told.ready(0), "gw0 runs 2 3 4 5 6 low 2");
}

TEST(RecyclingTest, AWornWorkerIsNotReplacedWhereNoWorkIsLeft) {
  Told told(collection_of("a:2"), in_order());
  told.ready(0);
  told.passes(0, 0);
  EXPECT_EQ(told.gives_back(0, 1), "");
  EXPECT_EQ(told.passes(0, 1), "1 passed | finish gw0");
}

TEST(RecyclingTest, ARecycledProcessCountsAsNoDeath) {
  SchedulerOptions options = in_order();
  options.max_tests_per_worker = 1;
  options.max_restarts = 1;
  Told told(collection_of("a:4"), options);
  for (ItemIndex item = 0; item < 3; ++item) {
    EXPECT_EQ(told.ready(0), "gw0 is worn by tests | gw0 runs " + std::to_string(item) + " end | recycle gw0");
    told.passes(0, item);
  }
  EXPECT_EQ(told.ready(0), "gw0 runs 3 end");
  EXPECT_EQ(told.dies(0), "start gw0");
}

TEST(RecyclingTest, WhoDiesBeforeItsSuccessorTookOverIsReplacedAsEver) {
  Told told(isolated("a:2", {kTest, kTest}), workers(1));
  told.ready(0);
  EXPECT_EQ(told.dies(0, 0), "0 crashed | start gw0");
  EXPECT_EQ(told.ready(0), "gw0 runs 1 end");
}

TEST(RecyclingTest, ShardedTheFreshProcessCollectsTheFilesThatAreLeft) {
  SchedulerOptions options = in_order();
  options.sharded = true;
  options.max_tests_per_worker = 3;
  Told told(collection_of("a:2 b:2 c:1"), options);
  EXPECT_EQ(told.ready(0, {0, 1, 2, 3, 4}), "gw0 runs 0 1");
  EXPECT_EQ(told.passes(0, 0), "0 passed | gw0 is worn by tests | gw0 runs 2 end | recycle gw0 1 2");
  told.passes(0, 1);
  told.passes(0, 2);
  EXPECT_EQ(told.ready(0, {2, 3, 4}), "gw0 runs 3 4 end");
}

}  // namespace
}  // namespace trun
