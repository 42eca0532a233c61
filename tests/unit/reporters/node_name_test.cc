#include "reporters/node_name.h"

#include <gtest/gtest.h>

namespace trun {
namespace {

using Names = std::vector<std::string_view>;

TEST(NodeNameTest, SplitsPathNamesAndParameters) {
  const NodeName name = parse_node_id("a/test_b.py::TestC::test_d[1::2[x]]");
  EXPECT_EQ(name.path, "a/test_b.py");
  EXPECT_EQ(name.rest, "TestC::test_d[1::2[x]]");
  EXPECT_EQ(name.names, (Names{"TestC", "test_d"}));
  EXPECT_EQ(name.params, "[1::2[x]]");
}

TEST(NodeNameTest, BracketsInAPathAreNoParameters) {
  const NodeName name = parse_node_id("test[1].py");
  EXPECT_EQ(name.path, "test[1].py");
  EXPECT_TRUE(name.names.empty());
  EXPECT_EQ(name.params, "");
}

TEST(NodeNameTest, HeadLineJoinsNamesWithDots) {
  EXPECT_EQ(head_line_of("a.py::TestC::test_d[x.y]"), "TestC.test_d[x.y]");
  EXPECT_EQ(head_line_of("a/b.py"), "a/b.py");
}

TEST(NodeNameTest, PathsAreSeenFromTheInvocationDirectory) {
  const Viewpoint below{"/p", "/p/tests"};
  EXPECT_EQ(below.node_id("tests/test_a.py::test_b[tests/x]"), "test_a.py::test_b[tests/x]");
  EXPECT_EQ(below.path("src/test_c.py"), "../src/test_c.py");
  EXPECT_EQ(below.file("/p/tests/test_a.py"), "test_a.py");
  EXPECT_EQ(below.file("/usr/lib/x.py"), "../../usr/lib/x.py");
  const Viewpoint root{"/p", ""};
  EXPECT_EQ(root.node_id("tests/test_a.py::t"), "tests/test_a.py::t");
  EXPECT_EQ(root.file("/p/tests/test_a.py"), "tests/test_a.py");
  EXPECT_EQ(root.file("<string>"), "<string>");
}

}  // namespace
}  // namespace trun
