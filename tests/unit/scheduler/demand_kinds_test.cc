#include "scheduler/demand_kinds.h"

#include <gtest/gtest.h>

#include "tests/unit/scheduler/demands.h"

namespace trun {
namespace {

const Capacities kLab = {{"cpu", 4}, {"db", 1}, {"gpu", 2}};

std::string why(const std::string& demands) {
  const DemandKinds kinds(demanding({demands}), kLab);
  return kinds.impossible().empty() ? "" : kinds.impossible().front().second;
}

TEST(DemandKindsTest, NobodyDemandsAnything) {
  const DemandKinds kinds(demanding({"", ""}), kLab);
  EXPECT_FALSE(kinds.any());
  EXPECT_EQ(kinds.of(1), 0u);
}

TEST(DemandKindsTest, TestsThatDemandTheSameAreOfOneKind) {
  const DemandKinds kinds(demanding({"gpu", "", "gpu read:db", "read:db gpu:1", "gpu:2", "gpu serial"}), kLab);
  EXPECT_EQ(kinds.of(0), 1u);
  EXPECT_EQ(kinds.of(1), 0u);
  EXPECT_EQ(kinds.of(2), 2u);
  EXPECT_EQ(kinds.of(3), 2u);
  EXPECT_EQ(kinds.of(4), 3u);
  EXPECT_EQ(kinds.of(5), 4u);
  EXPECT_TRUE(kinds[4].serial);
  EXPECT_EQ(kinds.size(), 5u);
}

TEST(DemandKindsTest, DemandsOfOneResourceAddUp) {
  const DemandKinds kinds(demanding({"gpu gpu", "gpu:2", "read:db write:db", "write:db", "db", "write:gpu"}), kLab);
  EXPECT_EQ(kinds.of(0), kinds.of(1));
  EXPECT_EQ(kinds.of(2), kinds.of(3));
  // Of the only unit, to have it and to have all of it is the same.
  EXPECT_EQ(kinds.of(3), kinds.of(4));
  EXPECT_EQ(kinds.of(5), kinds.of(1));
}

TEST(DemandKindsTest, MoreThanThereIsIsImpossible) {
  EXPECT_EQ(why("gpu:2 cpu:4"), "");
  EXPECT_EQ(why("gpu:3"),
            "it demands 3 units of the resource 'gpu', and there are 2: raise its capacity in [resources] of "
            "trun.toml, or demand less");
  EXPECT_EQ(why("db db"),
            "it demands 2 units of the resource 'db', and there is 1: raise its capacity in [resources] of "
            "trun.toml, or demand less");
  EXPECT_EQ(why("tpu"),
            "it demands the resource 'tpu', and there is none: give it a capacity in [resources] of trun.toml, as in "
            "tpu = 1 (there are: cpu, db, gpu)");
}

TEST(DemandKindsTest, WithoutUnitsNothingIsPossible) {
  const DemandKinds kinds(demanding({"read:gpu", "write:gpu", "gpu", "serial"}), {{"gpu", 0}});
  ASSERT_EQ(kinds.impossible().size(), 3u);
  EXPECT_TRUE(kinds.is_impossible(1));
  EXPECT_FALSE(kinds.is_impossible(3));
  EXPECT_EQ(kinds.of(0), 0u);
}

TEST(DemandKindsTest, WhoSharesDoesNotCompete) {
  const DemandKinds kinds(demanding({"read:db", "write:db", "gpu", "gpu:2 read:db", "serial"}), kLab);
  const auto compete = [&](KindIndex a, KindIndex b) { return kinds[a].competes_with(kinds[b]); };
  EXPECT_FALSE(compete(1, 1));
  EXPECT_TRUE(compete(1, 2));
  EXPECT_FALSE(compete(1, 3));
  EXPECT_FALSE(compete(1, 4));
  EXPECT_TRUE(compete(3, 4));
  EXPECT_TRUE(compete(5, 3));
}

}  // namespace
}  // namespace trun
