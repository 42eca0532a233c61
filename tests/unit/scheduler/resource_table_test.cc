#include "scheduler/resource_table.h"

#include <gtest/gtest.h>

#include "tests/unit/scheduler/demands.h"

namespace trun {
namespace {

using Units = std::vector<unsigned>;

TEST(ResourceTableTest, UnitsAreNumberedAndHandedOutFromTheLowest) {
  const DemandKinds kinds(demanding({"gpu", "gpu:2"}), {{"gpu", 3}});
  ResourceTable table(kinds);
  const TakenUnits first = table.take(1), second = table.take(1);
  EXPECT_EQ(first, TakenUnits({Units{0}}));
  EXPECT_EQ(second, TakenUnits({Units{1}}));
  EXPECT_TRUE(table.has(1));
  EXPECT_FALSE(table.has(2));
  table.release(1, first);
  EXPECT_EQ(table.take(2), TakenUnits({Units({0, 2})}));
  EXPECT_FALSE(table.has(1));
}

TEST(ResourceTableTest, AllOrNothing) {
  const DemandKinds kinds(demanding({"gpu", "db gpu"}), {{"db", 1}, {"gpu", 1}});
  ResourceTable table(kinds);
  const TakenUnits gpu = table.take(1);
  EXPECT_FALSE(table.has(2));
  table.release(1, gpu);
  EXPECT_TRUE(table.has(2));
}

TEST(ResourceTableTest, ReadersShareAndWritersHaveAll) {
  const DemandKinds kinds(demanding({"read:db", "write:db", "db"}), {{"db", 2}});
  ResourceTable table(kinds);
  const TakenUnits one = table.take(1), two = table.take(1);
  EXPECT_EQ(one, TakenUnits({Units{0}}));
  EXPECT_EQ(two, one);
  EXPECT_FALSE(table.has(2));
  // One unit is read, the other is free.
  EXPECT_EQ(table.take(3), TakenUnits({Units{1}}));
  table.release(3, {{1}});
  table.release(1, one);
  EXPECT_FALSE(table.has(2));
  table.release(1, two);
  EXPECT_EQ(table.take(2), TakenUnits({Units({0, 1})}));
  EXPECT_FALSE(table.has(1));
  EXPECT_FALSE(table.has(3));
}

}  // namespace
}  // namespace trun
