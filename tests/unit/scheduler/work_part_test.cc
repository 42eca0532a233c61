#include "scheduler/work_part.h"

#include <gtest/gtest.h>

#include "tests/unit/scheduler/collections.h"

namespace trun {
namespace {

using Affinity = SchedulerOptions::Affinity;
using Units = std::vector<std::vector<ItemIndex>>;

SchedulerOptions with(Affinity affinity) {
  SchedulerOptions options;
  options.affinity = affinity;
  return options;
}

/// a.py: two of a class, a function, one of the class; b.py: one of group g and one of none; a.py's last is of g.
Collection mixed() {
  Collection collection;
  add_file(collection, "a.py");
  add_file(collection, "b.py");
  add_item(collection, 0, "TestA::x");
  add_item(collection, 0, "TestA::y");
  add_item(collection, 0, "f");
  add_item(collection, 1, "h", "g");
  add_item(collection, 0, "TestA::z", "g");
  add_item(collection, 1, "i");
  return collection;
}

TEST(WorkPartTest, ScopeIsTheClassOrTheModule) {
  EXPECT_EQ(scope_of("a/t.py::TestA::test_x"), "a/t.py::TestA");
  EXPECT_EQ(scope_of("a/t.py::test_x"), "a/t.py");
  EXPECT_EQ(scope_of("t.py"), "t.py");
}

TEST(WorkPartTest, ColonsInParametersAreNoScope) {
  EXPECT_EQ(scope_of("t.py::TestA::test_x[a::b-c::d]"), "t.py::TestA");
  EXPECT_EQ(scope_of("odd[1]/t.py::test_x[a::b]"), "odd[1]/t.py");
}

TEST(WorkPartTest, UnitsFollowTheAffinity) {
  EXPECT_EQ(partition(mixed(), with(Affinity::item)).units, (Units{{0, 1, 2, 4}, {3, 5}}));
  EXPECT_EQ(partition(mixed(), with(Affinity::file)).units, (Units{{0, 1, 2, 4}, {3, 5}}));
  EXPECT_EQ(partition(mixed(), with(Affinity::scope)).units, (Units{{0, 1, 4}, {2}, {3, 5}}));
  EXPECT_EQ(partition(mixed(), with(Affinity::group)).units, (Units{{0, 1, 2}, {3, 4}, {5}}));
}

TEST(WorkPartTest, OnlyWhatTheAffinityNamesIsSticky) {
  EXPECT_EQ(partition(mixed(), with(Affinity::item)).sticky, (std::vector<bool>{false, false}));
  EXPECT_EQ(partition(mixed(), with(Affinity::file)).sticky, (std::vector<bool>{true, true}));
  EXPECT_EQ(partition(mixed(), with(Affinity::group)).sticky, (std::vector<bool>{false, true, false}));
}

TEST(WorkPartTest, InOrderUnitsAreRunsOfTheCollection) {
  SchedulerOptions options = with(Affinity::file);
  options.in_order = true;
  EXPECT_EQ(partition(mixed(), options).units, (Units{{0, 1, 2}, {3}, {4}, {5}}));
}

TEST(WorkPartTest, ShardedUnitsAreFiles) {
  SchedulerOptions options = with(Affinity::group);
  options.sharded = true;
  EXPECT_EQ(partition(mixed(), options).units, (Units{{0, 1, 2, 4}, {3, 5}}));
}

}  // namespace
}  // namespace trun
