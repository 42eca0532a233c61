#include "reporters/category_counts.h"

#include <gtest/gtest.h>

namespace trun {
namespace {

std::string line(const CategoryCounts& counts, Color main) {
  std::string out;
  for (const auto& [text, markup] : counts.closing_parts(main)) out += (out.empty() ? "" : ", ") + text;
  return out;
}

TEST(CategoryCountsTest, PartsComeInPytestsOrderAndNumber) {
  CategoryCounts counts;
  for (const char* category : {"rerun", "error", "warnings", "passed", "", "failed", "error", "xpassed", "skipped"}) {
    counts.add(category);
  }
  counts.add("deselected", 0);
  EXPECT_EQ(line(counts, Color::red), "1 failed, 1 passed, 1 skipped, 1 xpassed, 1 warning, 2 errors, 1 rerun");
  EXPECT_EQ(line(CategoryCounts(), Color::yellow), "no tests ran");
}

TEST(CategoryCountsTest, MainColourIsTheWorstThatHappened) {
  CategoryCounts counts;
  EXPECT_EQ(counts.main_color(false), Color::green);
  EXPECT_EQ(counts.main_color(true), Color::yellow);
  counts.add("passed");
  EXPECT_EQ(counts.main_color(true), Color::green);
  counts.add("rerun");
  EXPECT_EQ(counts.main_color(true), Color::yellow);
  counts.add("error");
  EXPECT_EQ(counts.main_color(true), Color::red);
}

TEST(CategoryCountsTest, PartsOfTheMainColourAreBold) {
  CategoryCounts counts;
  counts.add("failed");
  counts.add("passed");
  const auto parts = counts.closing_parts(Color::red);
  EXPECT_TRUE(parts[0].second.bold);
  EXPECT_FALSE(parts[1].second.bold);
}

}  // namespace
}  // namespace trun
