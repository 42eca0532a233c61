#include "runner/base/rare.h"

#include <gtest/gtest.h>

#include <string>

namespace trun {
namespace {

TEST(RareTest, WhatIsNotThereIsAsOneMadeFromNothing) {
  const Rare<std::string> none;
  EXPECT_EQ(*none, "");
  EXPECT_EQ(none->size(), 0u);
}

TEST(RareTest, ACopyHasItsOwn) {
  Rare<std::string> one;
  one.make() = "one";
  Rare<std::string> other = one;
  other.make() += " more";
  EXPECT_EQ(*one, "one");
  EXPECT_EQ(*other, "one more");
  one = other;
  EXPECT_EQ(*one, "one more");
  one = Rare<std::string>();
  EXPECT_EQ(*one, "");
}

TEST(RareTest, WhatWasMovedFromHasNone) {
  Rare<std::string> one;
  one.make() = "one";
  const Rare<std::string> other = std::move(one);
  EXPECT_EQ(*other, "one");
}

}  // namespace
}  // namespace trun
