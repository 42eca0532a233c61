#include "collectors/collection_argument.h"

#include <gtest/gtest.h>

namespace trun {
namespace {

// The arguments that stay, as text.
std::string normalized(const std::vector<std::string>& arguments) {
  std::vector<CollectionArgument> resolved;
  for (const std::string& argument : arguments) resolved.push_back(resolve_collection_argument(argument, "/r"));
  std::string text;
  for (const CollectionArgument& argument : normalize_collection_arguments(resolved)) {
    text += (text.empty() ? "" : " ") + argument.path;
    for (const std::string& part : argument.parts) text += "::" + part;
    text += argument.parametrization.value_or("");
  }
  return text;
}

TEST(CollectionArgumentTest, AbsolutePathIsTextOnly) {
  EXPECT_EQ(absolute_path("a", "/r"), "/r/a");
  EXPECT_EQ(absolute_path("./a//b/../c/.", "/r"), "/r/a/c");
  EXPECT_EQ(absolute_path("../../..", "/r"), "/");
  EXPECT_EQ(absolute_path("/x/", "/r"), "/x");
  EXPECT_EQ(absolute_path("", "/r"), "/r");
  EXPECT_EQ(absolute_path("a", "/"), "/a");
}

TEST(CollectionArgumentTest, PartsAndParametrization) {
  const CollectionArgument argument = resolve_collection_argument("a/t.py::TestX::test_a[x::y[1]]", "/r");
  EXPECT_EQ(argument, (CollectionArgument{"/r/a/t.py", {"TestX", "test_a"}, "[x::y[1]]"}));
  EXPECT_EQ(resolve_collection_argument("t.py", "/r"), (CollectionArgument{"/r/t.py", {}, std::nullopt}));
}

TEST(CollectionArgumentTest, OneInsideAnotherGoes) {
  EXPECT_EQ(normalized({"a/b", "a"}), "/r/a");
  EXPECT_EQ(normalized({"a/t.py::test_x", "a/t.py", "b"}), "/r/a/t.py /r/b");
  EXPECT_EQ(normalized({"t.py::T::m", "t.py::T"}), "/r/t.py::T");
  EXPECT_EQ(normalized({"t.py::f[1]", "t.py::f"}), "/r/t.py::f");
  EXPECT_EQ(normalized({"a", "/"}), "/");
}

TEST(CollectionArgumentTest, SiblingsStayInTheirOrder) {
  EXPECT_EQ(normalized({"b", "a", "b"}), "/r/b /r/a");
  EXPECT_EQ(normalized({"a-b/c", "a/c", "a"}), "/r/a-b/c /r/a");
  EXPECT_EQ(normalized({"ab", "a"}), "/r/ab /r/a");
  EXPECT_EQ(normalized({"t.py::f[2]", "t.py::f[1]"}), "/r/t.py::f[2] /r/t.py::f[1]");
  EXPECT_EQ(normalized({"a", "a-b", "a/b"}), "/r/a /r/a-b");
}

}  // namespace
}  // namespace trun
