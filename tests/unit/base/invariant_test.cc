#include "runner/base/invariant.h"

#include <gtest/gtest.h>

#include <functional>
#include <new>
#include <string>

#include "runner/base/flag.h"
#include "runner/base/guarded.h"
#include "runner/base/result.h"

namespace trun {
namespace {

std::string text_of(const std::function<void()>& act) {
  const Status status = guarded([&] {
    act();
    return ok_status();
  });
  return status.ok() ? "" : status.error().message;
}

TEST(InvariantTest, ABrokenOneIsThrownWithItsPlaceInEveryBuild) {
  EXPECT_EQ(text_of([] { invariant(true, "all is well"); }), "");
  const std::string text = text_of([] { invariant(false, "a count below zero"); });
  EXPECT_EQ(text.rfind("a bug in trun: a count below zero (invariant_test.cc:", 0), 0u) << text;
}

TEST(InvariantTest, AResultWithoutAValueIsNotRead) {
  const Result<int> nothing = internal_error("no such thing");
  EXPECT_THROW((void)nothing.value(), Bug);
  EXPECT_THROW((void)Result<int>(3).error(), Bug);
}

TEST(GuardedTest, WhatIsThrownIsAnErrorWithItsText) {
  EXPECT_EQ(text_of([] { throw std::bad_alloc(); }), "std::bad_alloc");
  EXPECT_EQ(text_of([] { throw 3; }), "an exception of an unknown type");
  EXPECT_EQ(guarded([]() -> Status { return usage_error("said"); }).error().message, "said");
}

TEST(FlagTest, ItIsSetUntilTheScopeIsLeftByAnException) {
  bool flag = false;
  text_of([&] {
    const Flag set(flag);
    EXPECT_TRUE(flag);
    throw std::bad_alloc();
  });
  EXPECT_FALSE(flag);
}

}  // namespace
}  // namespace trun
