#include "runner/base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "runner/base/test_item.h"

namespace trun {
namespace {

Result<int> parse_digit(char c) {
  if (c < '0' || c > '9') return usage_error(std::string("not a digit: ") + c);
  return c - '0';
}

Result<int> sum(char a, char b) {
  TRUN_TRY(first, parse_digit(a));
  TRUN_TRY(second, parse_digit(b));
  return first + second;
}

Status check(char c) {
  TRUN_CHECK(parse_digit(c));
  return ok_status();
}

TEST(ResultTest, HoldsAValue) {
  const auto three = parse_digit('3');
  ASSERT_TRUE(three.ok());
  EXPECT_EQ(*three, 3);
}

TEST(ResultTest, HoldsAnErrorWithItsKind) {
  const auto none = parse_digit('x');
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().kind, Error::Kind::usage);
  EXPECT_EQ(none.error().message, "not a digit: x");
  EXPECT_EQ(internal_error("").kind, Error::Kind::internal);
}

TEST(ResultTest, TryPassesTheFirstErrorOn) {
  EXPECT_EQ(*sum('1', '2'), 3);
  EXPECT_EQ(sum('1', 'y').error().message, "not a digit: y");
  EXPECT_EQ(sum('x', 'y').error().message, "not a digit: x");
}

TEST(ResultTest, CheckPassesTheErrorOn) {
  EXPECT_TRUE(check('0').ok());
  EXPECT_EQ(check('-').error().message, "not a digit: -");
}

TEST(ResultTest, CarriesWhatCanOnlyBeMoved) {
  Result<std::unique_ptr<int>> made = std::make_unique<int>(7);
  EXPECT_EQ(*std::move(made).value(), 7);
}

TEST(NodeIdTest, PathIsWhatStandsBeforeTheFirstColons) {
  EXPECT_EQ(node_path("a/test_b.py::TestC::test_d[x::y]"), "a/test_b.py");
  EXPECT_EQ(node_path("notes.txt"), "notes.txt");
  EXPECT_EQ(node_path(""), "");
}

TEST(WorkerNameTest, IsXdists) { EXPECT_EQ(worker_name(12), "gw12"); }

}  // namespace
}  // namespace trun
