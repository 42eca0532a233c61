// What is decided before the first fork, from values: who collects how, where workers start, what is said of it.
#include "runner/engine/run_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "tests/unit/scheduler/collections.h"

namespace trun {
namespace {

using std::chrono::seconds;

/// Four workers are asked for, and each of four files has ten tests; a test changes one thing and the rest stays.
class RunPlanTest : public testing::Test {
 protected:
  RunPlanTest() {
    config_.numprocesses = {Numprocesses::Kind::count, 4};
    pytest_.rootdir = "/r";
    for (const char* name : {"a", "b", "c", "d"}) {
      FoundFile& file = found_.files.emplace_back();
      file.path = std::string("/r/test_") + name + ".py";
      file.scan.tests = 10;
    }
  }

  RunPlan plan() const { return decide(config_, pytest_, found_, history_).value(); }
  CollectMode mode() const { return plan().mode; }
  void conftest(const std::string& mention) { found_.conftests.push_back({"/r/conftest.py", {mention}}); }
  /// Whether a sentence of `-v` has these words.
  static bool says(const RunPlan& plan, const std::string& words) {
    for (const std::string& why : plan.why) {
      if (why.find(words) != std::string::npos) return true;
    }
    return false;
  }

  Config config_;
  Configured pytest_;
  Discovery found_;
  History history_;
};

TEST_F(RunPlanTest, NothingStandsAgainstSharesAndEachFileHasAnOwner) {
  const RunPlan made = plan();
  EXPECT_EQ(made.mode, CollectMode::sharded);
  EXPECT_EQ(made.unsharded, CollectMode::once);
  EXPECT_EQ(made.workers, 4u);
  EXPECT_FALSE(made.fresh || made.attached || made.solo || made.one_at_a_time || made.one_session_each);
  std::vector<Slot> owners = made.owners;
  std::sort(owners.begin(), owners.end());
  EXPECT_EQ(owners, (std::vector<Slot>{0, 1, 2, 3})) << "as heavy as each other";
}

TEST_F(RunPlanTest, OwnersAreGivenByEarlierDurations) {
  config_.numprocesses.count = 2;
  config_.collect = RequestedCollect::sharded;
  history_ = History({{"test_c.py", 9.0}, {"test_a.py", 1.0}, {"test_b.py", 1.0}, {"test_d.py", 1.0}});
  const std::vector<Slot> owners = plan().owners;
  ASSERT_EQ(owners.size(), 4u);
  for (const std::size_t other : {0, 1, 3}) EXPECT_NE(owners[other], owners[2]) << "the longest has a worker to itself";
}

TEST_F(RunPlanTest, MoreWorkersThanFilesAreNotForked) {
  config_.numprocesses.count = 9;
  config_.collect = RequestedCollect::sharded;
  EXPECT_EQ(plan().workers, 4u);
}

TEST_F(RunPlanTest, ZeroIsOneAttachedWorker) {
  config_.numprocesses.count = 0;
  pytest_.host = {"plugin x"};
  const RunPlan made = plan();
  EXPECT_TRUE(made.attached);
  EXPECT_FALSE(made.solo);
  EXPECT_EQ(made.workers, 1u);
  EXPECT_TRUE(made.host_reasons.empty()) << "it is in the controller's role itself";
}

TEST_F(RunPlanTest, PytestsOwnTerminalIsOneAttachedWorkerWhateverWasAskedFor) {
  pytest_.solo = {"--pdb"};
  config_.collect = RequestedCollect::once;
  config_.isolate = Isolation::test;
  const RunPlan made = plan();
  EXPECT_TRUE(made.solo && made.attached);
  EXPECT_EQ(made.workers, 1u);
  EXPECT_EQ(made.mode, CollectMode::each);
  EXPECT_NE(why_solo(made, config_).find("--pdb"), std::string::npos);
  EXPECT_NE(why_solo(made, config_).find("it is not replaced"), std::string::npos);
  EXPECT_EQ(why_solo(made, {}).find("it is not replaced"), std::string::npos);
}

TEST_F(RunPlanTest, AHookThatSeesTheWholeCollectionStandsAgainstShares) {
  conftest("pytest_collection_modifyitems");
  const RunPlan made = plan();
  EXPECT_EQ(made.mode, CollectMode::once);
  EXPECT_TRUE(says(made, "/r/conftest.py mentions pytest_collection_modifyitems"));
}

TEST_F(RunPlanTest, EachReasonOfItsOwnStandsAgainstShares) {
  const std::vector<std::pair<const char*, std::function<void()>>> reasons = {
      {"parameters of wide scope", [this] { found_.files[2].scan.wide_params = true; }},
      {"a test reads session.items", [this] { found_.files[1].scan.sees_collection = true; }},
      {"a test file names plugins", [this] { found_.files[1].scan.names_plugins = true; }},
      {"groups span files", [this] { config_.dist = DistMode::loadgroup; }},
      {"one module name",
       [this] {
         found_.duplicate_modules = {{"/r/a/test_a.py", "/r/b/test_a.py"}};
       }},
      {"the server says so", [this] { pytest_.against_sharded = {"plugin y"}; }},
      {"hooks may come from anywhere", [this] { conftest("import *"); }},
  };
  const Config config = config_;
  const Configured pytest = pytest_;
  const Discovery found = found_;
  for (const auto& [name, change] : reasons) {
    config_ = config;
    pytest_ = pytest;
    found_ = found;
    change();
    EXPECT_NE(mode(), CollectMode::sharded) << name;
  }
}

TEST_F(RunPlanTest, ModulesOfOneNameMayStandBesideEachOtherUnderImportlib) {
  found_.duplicate_modules = {{"/r/a/test_a.py", "/r/b/test_a.py"}};
  pytest_.options.importmode = "importlib";
  EXPECT_EQ(mode(), CollectMode::sharded);
}

TEST_F(RunPlanTest, WhatAWorkerDoesAtItsEndStandsAgainstForksOfACollector) {
  pytest_.against_sharded = {"plugin y"};
  EXPECT_EQ(mode(), CollectMode::once);
  conftest("pytest_sessionfinish");
  EXPECT_EQ(mode(), CollectMode::each);
}

TEST_F(RunPlanTest, AFileWhoseImportIsForOneProcessIsForeseenUnlessForksAreAskedFor) {
  pytest_.against_sharded = {"plugin y"};
  found_.files[3].scan.effects.binds = "socket.socket";
  found_.files[3].scan.effects.binds_line = 7;
  EXPECT_TRUE(says(plan(), "/r/test_d.py:7 calls socket.socket at import"));
  EXPECT_EQ(mode(), CollectMode::each);
  config_.start = StartMode::fork;
  EXPECT_EQ(mode(), CollectMode::once);
}

TEST_F(RunPlanTest, WhatAnEarlierRunSawBoundIsForeseenWhereItsFileIsSelected) {
  pytest_.against_sharded = {"plugin y"};
  pytest_.bound_before = {{"/r/test_z.py", "test_z.py:1 started a thread"}};
  EXPECT_EQ(mode(), CollectMode::once) << "that file is not a part of this run";
  pytest_.bound_before.push_back({"/r/x/conftest.py", "x/conftest.py:3 made a socket"});
  EXPECT_EQ(mode(), CollectMode::once) << "nor is that one";
  found_.conftests.push_back({"/r/x/conftest.py", {}});
  EXPECT_TRUE(says(plan(), "x/conftest.py:3 made a socket in an earlier run"));
  EXPECT_EQ(mode(), CollectMode::each);
  found_.conftests.clear();
  pytest_.bound_before = {{"/r/test_b.py", "test_b.py:2 drew random bytes"}};
  EXPECT_EQ(mode(), CollectMode::each);
  pytest_.against_sharded.clear();
  EXPECT_EQ(mode(), CollectMode::sharded) << "every worker imports for itself";
  pytest_.against_sharded = {"plugin y"};
  config_.start = StartMode::fork;
  EXPECT_EQ(mode(), CollectMode::once);
}

TEST_F(RunPlanTest, APluginHostIsTheControllerAndNoCollectorBesideIt) {
  pytest_.host = {"plugin x"};
  pytest_.against_sharded = {"plugin y"};
  const RunPlan made = plan();
  EXPECT_EQ(made.mode, CollectMode::each);
  EXPECT_EQ(made.host_reasons, std::vector<std::string>{"plugin x"});
}

TEST_F(RunPlanTest, WhatAnImportBoundHasEveryProcessImportItself) {
  pytest_.bound = {"one", "two", "three", "four", "five"};
  const RunPlan made = plan();
  EXPECT_TRUE(made.fresh);
  EXPECT_TRUE(says(made, "start: fresh: one; two; three; and 2 more")) << "no more than three are named";
}

TEST_F(RunPlanTest, StartIsTheUsersWordOverWhatWasObserved) {
  config_.start = StartMode::fresh;
  EXPECT_TRUE(plan().fresh);
  pytest_.bound = {"a socket"};
  config_.start = StartMode::fork;
  EXPECT_FALSE(plan().fresh);
  EXPECT_TRUE(says(plan(), "--start fork"));
}

TEST_F(RunPlanTest, WhoeverHasReadVariablesOfWorkersImportsInAnother) {
  config_.numprocesses.count = 0;
  pytest_.bound = {"a socket"};
  EXPECT_TRUE(plan().in_place);
  pytest_.all_variables = true;
  EXPECT_FALSE(plan().in_place) << "a copy of the environment is without them";
  pytest_.all_variables = false;
  pytest_.own_variables = true;
  EXPECT_FALSE(plan().in_place);
}

TEST_F(RunPlanTest, WhereTestsWantFreshProcessesOneProcessCollectsForAll) {
  config_.max_tests_per_worker = 1;
  EXPECT_EQ(mode(), CollectMode::once);
  config_.max_tests_per_worker = 0;
  EXPECT_EQ(mode(), CollectMode::sharded) << "zero is no limit";
  config_.overrides.emplace_back().isolate = Isolation::test;
  EXPECT_EQ(mode(), CollectMode::once);
}

// What a conftest makes for a worker has the worker's name: the next process of that name must not meet its end.
TEST_F(RunPlanTest, WhereAProjectEndsItsWorkersOneProcessOfANameLivesAtATime) {
  conftest("pytest_unconfigure");
  EXPECT_TRUE(plan().one_at_a_time);
}

TEST_F(RunPlanTest, AHookOfAnInstalledPluginEndsNothingOfTheProject) {
  pytest_.hooks = {{"pytest_sessionfinish", "cov", "pytest-cov", "5.0", "/site/cov.py", false}};
  EXPECT_FALSE(plan().one_at_a_time);
  pytest_.hooks[0].distribution.clear();
  EXPECT_TRUE(plan().one_at_a_time);
  pytest_.hooks[0].known = true;
  EXPECT_FALSE(plan().one_at_a_time);
}

TEST_F(RunPlanTest, AConftestThatAsksWhoItIsHasOneSessionEach) {
  conftest("worker_id");
  const RunPlan made = plan();
  EXPECT_TRUE(made.one_session_each);
  EXPECT_FALSE(scheduler_options(made, config_, pytest_, {}, {}).takes_over);
}

TEST_F(RunPlanTest, SharesThatWouldNotBeTheSameAreRefusedIfTheyAreAskedFor) {
  config_.collect = RequestedCollect::sharded;
  conftest("pytest_collection_modifyitems");
  const auto made = decide(config_, pytest_, found_, history_);
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().kind, Error::Kind::usage);
}

TEST_F(RunPlanTest, OneWorkerRunsInPytestsOrder) {
  config_.numprocesses.count = 1;
  EXPECT_TRUE(scheduler_options(plan(), config_, pytest_, {}, {}).in_order);
  config_.numprocesses.count = 4;
  EXPECT_FALSE(scheduler_options(plan(), config_, pytest_, {}, {}).in_order);
}

TEST_F(RunPlanTest, WorkersAreReplacedFourTimesEachOrTwentyTimesUnlessThatIsSaid) {
  RunPlan made = plan();
  EXPECT_EQ(scheduler_options(made, config_, pytest_, {}, {}).max_restarts, 20u);
  made.workers = 8;
  EXPECT_EQ(scheduler_options(made, config_, pytest_, {}, {}).max_restarts, 32u);
  config_.max_worker_restart = 0;
  EXPECT_EQ(scheduler_options(made, config_, pytest_, {}, {}).max_restarts, 0u);
}

TEST_F(RunPlanTest, WhatNoEarlierRunTellsOfIsNotTakenForKnown) {
  const Collection collection = collection_of("test_a:4 test_b:2");
  const SchedulerOptions options =
      scheduler_options(plan(), config_, pytest_, collection, History({{"test_a.py", 8.0}}));
  EXPECT_EQ(options.file_estimates, (std::vector<Duration>{seconds(8), seconds(0)}));
  EXPECT_TRUE(options.test_estimates.empty());
}

TEST_F(RunPlanTest, SlowTestsOfEarlierRunsAreKnown) {
  const Collection collection = collection_of("test_a:2");
  const SchedulerOptions options = scheduler_options(plan(), config_, pytest_, collection,
                                                     History({{"test_a.py", 8.0}, {"test_a.py::test_1", 7.0}}));
  EXPECT_EQ(options.test_estimates, (std::vector<Duration>{seconds(0), seconds(7)}));
}

TEST_F(RunPlanTest, MaxfailBelowZeroIsNone) {
  pytest_.options.maxfail = -1;
  EXPECT_EQ(scheduler_options(plan(), config_, pytest_, {}, {}).maxfail, 0u);
}

TEST_F(RunPlanTest, TheWalkOfPytest7TakesFilesFirst) {
  pytest_.pytest = "7.4.4";
  EXPECT_TRUE(discover_options(pytest_).files_first);
  pytest_.pytest = "8.0.0";
  EXPECT_FALSE(discover_options(pytest_).files_first);
}

TEST_F(RunPlanTest, VariablesThatDifferFromWorkerToWorkerAreNamed) {
  config_.worker_environment = {{"DATABASE_URL", "db_{slot}"}};
  config_.separation.private_home = true;
  EXPECT_EQ(names_per_worker(config_), (std::vector<std::string>{"DATABASE_URL", "HOME"}));
}

}  // namespace
}  // namespace trun
