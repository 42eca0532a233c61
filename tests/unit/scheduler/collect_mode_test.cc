#include "scheduler/collect_mode.h"

#include <gtest/gtest.h>

namespace trun {
namespace {

using Requested = CollectModeInput::Requested;
using Why = std::vector<std::string>;

CollectModeInput asking(Requested requested) {
  CollectModeInput input;
  input.requested = requested;
  input.workers = 2;
  input.files = 10;
  return input;
}

CollectDecision decided(const CollectModeInput& input) {
  const auto result = choose_collect_mode(input);
  EXPECT_TRUE(result.ok());
  return result.ok() ? result.value() : CollectDecision{};
}

TEST(CollectModeTest, AutoTakesTheFastestThatIsTheSame) {
  CollectModeInput input = asking(Requested::automatic);
  EXPECT_EQ(decided(input).mode, CollectMode::sharded);
  input.against_sharded = {"conftest.py: pytest_collection_modifyitems"};
  EXPECT_EQ(decided(input).mode, CollectMode::once);
  EXPECT_EQ(decided(input).why, (Why{"not sharded: conftest.py: pytest_collection_modifyitems"}));
  input.against_once = {"plugin x"};
  EXPECT_EQ(decided(input).mode, CollectMode::each);
  EXPECT_EQ(decided(input).why, (Why{"not sharded: conftest.py: pytest_collection_modifyitems", "not once: plugin x"}));
}

TEST(CollectModeTest, WhereMostFilesAreSeenByOthersTheyAreCollectedOnce) {
  CollectModeInput input = asking(Requested::automatic);
  input.first_seen = "test_a.py:3 class A(Model)";
  input.seen_files = 5;
  EXPECT_EQ(decided(input).mode, CollectMode::sharded);
  input.seen_files = 6;
  EXPECT_EQ(decided(input).mode, CollectMode::once);
  EXPECT_EQ(decided(input).why,
            (Why{"not sharded: 6 of 10 files do at import what other files may see: test_a.py:3 class A(Model)"}));
  input.requested = Requested::sharded;
  EXPECT_EQ(decided(input).mode, CollectMode::sharded);
}

TEST(CollectModeTest, WhereFreshProcessesAreWantedTheyAreForkedFromTheCollection) {
  CollectModeInput input = asking(Requested::automatic);
  input.for_once = {"isolate = \"test\""};
  for (const unsigned workers : {1u, 2u}) {
    input.workers = workers;
    EXPECT_EQ(decided(input).mode, CollectMode::once);
    EXPECT_EQ(decided(input).why, (Why{"once: fresh processes start with what was collected: isolate = \"test\""}));
  }
  input.against_once = {"plugin x"};
  EXPECT_EQ(decided(input).mode, CollectMode::each);
  EXPECT_EQ(decided(input).why.back(), "not once: plugin x");
  input.requested = Requested::sharded;
  EXPECT_EQ(decided(input).mode, CollectMode::sharded);
}

TEST(CollectModeTest, OneWorkerCollectsEverything) {
  CollectModeInput input = asking(Requested::automatic);
  input.workers = 1;
  EXPECT_EQ(decided(input).mode, CollectMode::each);
  EXPECT_EQ(decided(input).why, (Why{"each: one worker"}));
}

TEST(CollectModeTest, FewerFilesThanWorkersAreNotShared) {
  CollectModeInput input = asking(Requested::automatic);
  input.files = 1;
  EXPECT_EQ(decided(input).mode, CollectMode::once);
  EXPECT_EQ(decided(input).why, (Why{"not sharded: 1 file for 2 workers"}));
  input.files = 2;
  EXPECT_EQ(decided(input).mode, CollectMode::sharded);
}

TEST(CollectModeTest, AFileThatIsMostOfTheWorkIsNotOneWorkersAlone) {
  CollectModeInput input = asking(Requested::automatic);
  input.largest_file = 0.6;
  EXPECT_EQ(decided(input).mode, CollectMode::sharded);
  input.largest_file = 0.7;
  EXPECT_EQ(decided(input).mode, CollectMode::once);
  input.requested = Requested::sharded;
  EXPECT_EQ(decided(input).mode, CollectMode::sharded);
}

TEST(CollectModeTest, ForcedShardedIsRefusedByName) {
  CollectModeInput input = asking(Requested::sharded);
  EXPECT_EQ(decided(input).mode, CollectMode::sharded);
  input.against_sharded = {"first", "second", "third", "fourth", "fifth"};
  const auto refused = choose_collect_mode(input);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, Error::Kind::usage);
  EXPECT_EQ(refused.error().message,
            "--collect=sharded could differ from pytest here: first; second; third; and 2 more (--collect=auto takes "
            "another way)");
}

TEST(CollectModeTest, NothingIsCollectedOnceWhereNothingMayBeShared) {
  CollectModeInput input = asking(Requested::once);
  input.against_sharing = {"a thread of x"};
  EXPECT_EQ(decided(input).mode, CollectMode::each);
  EXPECT_EQ(decided(input).why, (Why{"each: nothing may be shared", "not once: a thread of x"}));
  input.requested = Requested::automatic;
  input.against_sharded = {"a hook"};
  EXPECT_EQ(decided(input).mode, CollectMode::each);
  EXPECT_EQ(decided(input).why, (Why{"not sharded: a hook", "not once: a thread of x"}));
}

TEST(CollectModeTest, SharesOfTheFilesNeedNothingShared) {
  CollectModeInput input = asking(Requested::automatic);
  input.against_sharing = {"a thread of x"};
  EXPECT_EQ(decided(input).mode, CollectMode::sharded);
  input.requested = Requested::sharded;
  EXPECT_EQ(decided(input).mode, CollectMode::sharded);
}

TEST(CollectModeTest, OnceIsTakenWhenAskedForInSpiteOfReasons) {
  CollectModeInput input = asking(Requested::once);
  input.against_once = {"plugin x"};
  EXPECT_EQ(decided(input).mode, CollectMode::once);
  EXPECT_EQ(decided(input).why, (Why{"once: asked for", "in spite of: plugin x"}));
}

TEST(CollectModeTest, EachIsTakenWhenAskedFor) { EXPECT_EQ(decided(asking(Requested::each)).mode, CollectMode::each); }

TEST(CollectModeTest, ModesHaveTheirNamesOnTheWire) {
  EXPECT_EQ(collect_mode_name(CollectMode::each), "each");
  EXPECT_EQ(collect_mode_name(CollectMode::once), "once");
  EXPECT_EQ(collect_mode_name(CollectMode::sharded), "sharded");
}

}  // namespace
}  // namespace trun
