// The scheduler with tests that demand something: who is given what, when, and what is held meanwhile.
#include <gtest/gtest.h>

#include "tests/unit/scheduler/collections.h"
#include "tests/unit/scheduler/demands.h"
#include "tests/unit/scheduler/step_text.h"

namespace trun {
namespace {

using std::chrono::milliseconds;
using Affinity = SchedulerOptions::Affinity;

/// A file for each of `texts`: "2 gpu" is two tests that demand a gpu, "1" is one that demands nothing.
Collection files(const std::vector<std::string>& texts) {
  Collection collection;
  for (const std::string& text : texts) {
    const FileIndex file =
        add_file(collection, std::string(1, static_cast<char>('a' + collection.files.size())) + ".py");
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, ',');) {
      std::istringstream words(part);
      int count = 0;
      words >> count;
      std::string rest;
      std::getline(words, rest);
      for (int i = 0; i < count; ++i) {
        add_item(collection, file, "test_" + std::to_string(collection.items.size()));
        collection.items.back().demands = demands_of(rest);
      }
    }
  }
  return collection;
}

SchedulerOptions lab(unsigned workers,
                     std::vector<std::pair<std::string, unsigned>> resources = {{"db", 1}, {"gpu", 1}}) {
  SchedulerOptions options;
  options.workers = workers;
  options.resources = std::move(resources);
  return options;
}

TEST(ResourcesTest, ATestWaitsUntilItsResourceIsThereAndItsWorkerRunsOthersMeanwhile) {
  Told told(files({"1 gpu", "1 gpu", "1", "1"}), lab(2));
  EXPECT_EQ(told.ready(0), "gw0 takes gpu#0 | gw0 runs 0 end next 1 with gpu#0");
  EXPECT_EQ(told.ready(1), "gw1 runs 2 3 end next 1");
  EXPECT_EQ(told.passes(1, 2), "2 passed");
  EXPECT_EQ(told.passes(1, 3), "3 passed");
  EXPECT_EQ(told.passes(0, 0), "0 passed | gw0 releases | gw0 takes gpu#0 | gw0 runs 1 end with gpu#0");
  EXPECT_EQ(told.passes(0, 1), "1 passed | gw0 releases | finish gw0 | finish gw1");
  EXPECT_TRUE(told.scheduler().done());
}

TEST(ResourcesTest, TestsOfOneFileThatDemandTheSameAreOneRun) {
  Told told(files({"3 gpu"}), lab(1));
  EXPECT_EQ(told.ready(0), "gw0 takes gpu#0 | gw0 runs 0 1 with gpu#0");
  EXPECT_EQ(told.passes(0, 0), "0 passed | gw0 runs 2 end with gpu#0");
  EXPECT_EQ(told.passes(0, 1), "1 passed");
  EXPECT_EQ(told.passes(0, 2), "2 passed | gw0 releases | finish gw0");
}

// The second is left for the other worker: the first must not wait for it. (It did, and the run did not end.)
TEST(ResourcesTest, AQueueOfOneTestIsClosed) {
  Told told(files({"2 gpu"}), lab(2));
  EXPECT_EQ(told.ready(0), "gw0 takes gpu#0 | gw0 runs 0 end next 1 with gpu#0");
  EXPECT_EQ(told.passes(0, 0), "0 passed | gw0 releases | gw0 takes gpu#0 | gw0 runs 1 end with gpu#0");
}

TEST(ResourcesTest, NothingIsHeldByWhatStandsInAQueue) {
  // In order: the plain test first. It must run out before anything is taken.
  SchedulerOptions options = lab(1);
  options.in_order = true;
  Told told(files({"1,1 gpu,1"}), options);
  EXPECT_EQ(told.ready(0), "gw0 runs 0 end next 1");
  EXPECT_EQ(told.passes(0, 0), "0 passed | gw0 takes gpu#0 | gw0 runs 1 end next 2 with gpu#0");
  EXPECT_EQ(told.passes(0, 1), "1 passed | gw0 releases | gw0 runs 2 end");
  EXPECT_EQ(told.passes(0, 2), "2 passed | finish gw0");
}

TEST(ResourcesTest, ABusyWorkerGivesWayOnceWhatOthersWaitForIsThere) {
  SchedulerOptions options = lab(2, {{"gpu", 2}});
  options.affinity = Affinity::file;
  Told told(files({"1 gpu:2", "1 gpu", "1 gpu", "40"}), options);
  EXPECT_EQ(told.ready(0), "gw0 takes gpu#0#1 | gw0 runs 0 end next 1 with gpu#0#1");
  EXPECT_EQ(told.ready(1).substr(0, 12), "gw1 runs 3 4");
  EXPECT_EQ(told.passes(0, 0), "0 passed | gw0 releases | gw0 takes gpu#0 | gw0 runs 1 end next 2 with gpu#0");
  // The other unit is free: its queue runs out for that.
  std::string said;
  ItemIndex item = 3;
  while (said.find("takes") == std::string::npos && item < 43) said = told.passes(1, item++);
  EXPECT_LT(item, 30u);
  EXPECT_NE(said.find("gw1 takes gpu#1 | gw1 runs 2 end"), std::string::npos) << said;
}

TEST(ResourcesTest, ReadersRunTogetherAndWritersAlone) {
  Told told(files({"1 write:db", "1 read:db", "1 read:db", "1 write:db"}), lab(3));
  EXPECT_EQ(told.ready(0), "gw0 takes db#0 | gw0 runs 0 end next 1 with db#0");
  EXPECT_EQ(told.ready(1), "");
  EXPECT_EQ(told.ready(2), "");
  EXPECT_EQ(told.passes(0, 0),
            "0 passed | gw0 releases | gw0 takes read:db#0 | gw1 takes read:db#0 | "
            "gw0 runs 1 end next 2 with read:db#0 | gw1 runs 2 end next 3 with read:db#0");
  EXPECT_EQ(told.passes(0, 1), "1 passed | gw0 releases");
  EXPECT_EQ(told.passes(1, 2), "2 passed | gw1 releases | gw1 takes db#0 | gw1 runs 3 end with db#0");
}

TEST(ResourcesTest, WhatRunsAloneComesLastAndNobodyRunsBesideIt) {
  Told told(files({"1 serial", "1", "1"}), lab(2));
  EXPECT_EQ(told.ready(0), "gw0 runs 1 end next 0");
  EXPECT_EQ(told.ready(1), "gw1 runs 2 end next 0");
  EXPECT_EQ(told.passes(0, 1), "1 passed");
  EXPECT_EQ(told.passes(1, 2), "2 passed | gw1 takes alone | gw1 runs 0 end");
  EXPECT_EQ(told.needs(0), "");
  EXPECT_EQ(told.passes(1, 0), "0 passed | gw1 releases | finish gw0 | finish gw1");
}

TEST(ResourcesTest, ADeadWorkersResourcesAreFreeOnceItsProcessesAreGone) {
  Told told(files({"1 gpu", "1 gpu"}), lab(2));
  EXPECT_EQ(told.ready(0), "gw0 takes gpu#0 | gw0 runs 0 end next 1 with gpu#0");
  EXPECT_EQ(told.ready(1), "");
  EXPECT_EQ(told.dies(0, 0, true), "0 crashed | start gw0");
  EXPECT_EQ(told.needs(1), "");
  EXPECT_FALSE(told.scheduler().done());
  EXPECT_EQ(told.swept(0), "gw0 releases | gw1 takes gpu#0 | gw1 runs 1 end with gpu#0");
  EXPECT_EQ(told.dies(1, 1), "1 crashed | gw1 releases | finish gw0");
}

TEST(ResourcesTest, TheRunIsNotOverWhileSomethingIsHeld) {
  Told told(files({"1 gpu"}), lab(1));
  told.ready(0);
  EXPECT_EQ(told.dies(0, 0, true), "0 crashed");
  EXPECT_FALSE(told.scheduler().done());
  EXPECT_EQ(told.swept(0), "gw0 releases");
  EXPECT_TRUE(told.scheduler().done());
}

TEST(ResourcesTest, MoreThanThereIsIsAnErrorAtOnce) {
  Told told(files({"1", "1 gpu:2", "1 tpu"}), lab(1));
  EXPECT_EQ(told.ready(0), "1 error | 2 error | gw0 runs 0 end");
  const auto& result = std::get<event::TestFinished>(told.step().events.front()).result;
  EXPECT_EQ(result.reports.front().when, "setup");
  EXPECT_EQ(result.reports.front().head_line, "test_1");
  EXPECT_NE(result.reports.front().longrepr.find("2 units of the resource 'gpu', and there is 1"), std::string::npos);
  EXPECT_EQ(told.passes(0, 0), "0 passed | finish gw0");
}

TEST(ResourcesTest, AnImpossibleTestCountsAsAFailure) {
  SchedulerOptions options = lab(1);
  options.maxfail = 1;
  Told told(files({"1", "1 gpu:2", "1 tpu"}), options);
  EXPECT_EQ(told.ready(0), "1 error | stopped: stopping after 1 failures | stop | finish gw0");
}

TEST(ResourcesTest, NothingButImpossibleTestsEndsAtOnce) {
  Told told(files({"1 tpu"}), lab(1));
  EXPECT_EQ(told.ready(0), "0 error | finish gw0");
  EXPECT_TRUE(told.scheduler().done());
}

TEST(ResourcesTest, AShardIsRunAsItsResourcesAllow) {
  SchedulerOptions options = lab(2);
  options.sharded = true;
  Told told(files({"1,1 gpu", "1,1 gpu"}), options);
  EXPECT_EQ(told.ready(0, {0, 1}), "gw0 takes gpu#0 | gw0 runs 1 end next 0 with gpu#0");
  EXPECT_EQ(told.ready(1, {2, 3}), "gw1 runs 2 end next 3");
  EXPECT_EQ(told.passes(1, 2), "2 passed");
  EXPECT_EQ(told.passes(0, 1),
            "1 passed | gw0 releases | gw1 takes gpu#0 | gw0 runs 0 end | gw1 runs 3 end with gpu#0");
}

TEST(ResourcesTest, FilesThatStayTogetherKeepTheirOrder) {
  SchedulerOptions options = lab(2);
  options.affinity = Affinity::file;
  Told told(files({"1 gpu", "1,1 gpu,1"}), options);
  EXPECT_EQ(told.ready(0), "gw0 takes gpu#0 | gw0 runs 0 end next 1 with gpu#0");
  EXPECT_EQ(told.ready(1), "gw1 runs 1 end next 2");
  EXPECT_EQ(told.passes(1, 1), "1 passed");
  EXPECT_EQ(told.passes(0, 0), "0 passed | gw0 releases | gw1 takes gpu#0 | gw1 runs 2 end next 3 with gpu#0");
  EXPECT_EQ(told.passes(1, 2), "2 passed | gw1 releases | gw1 runs 3 end");
}

}  // namespace
}  // namespace trun
