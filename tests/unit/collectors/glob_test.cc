#include "collectors/glob.h"

#include <gtest/gtest.h>

namespace trun {
namespace {

TEST(GlobTest, StarTakesAnythingSlashesToo) {
  EXPECT_TRUE(fnmatch("test_a.py", "test_*.py"));
  EXPECT_TRUE(fnmatch("test_.py", "test_*.py"));
  EXPECT_TRUE(fnmatch("/a/b/c.py", "/a*c.py"));
  EXPECT_TRUE(fnmatch("", "*"));
  EXPECT_FALSE(fnmatch("Test_a.py", "test_*.py"));
  EXPECT_FALSE(fnmatch("test_a.pyc", "test_*.py"));
  EXPECT_FALSE(fnmatch("a", ""));
}

TEST(GlobTest, QuestionMarkTakesOneCharacterNotOneByte) {
  EXPECT_TRUE(fnmatch("test_é.py", "test_?.py"));
  EXPECT_FALSE(fnmatch("test_.py", "test_?.py"));
  EXPECT_TRUE(fnmatch("test_\xff.py", "test_?.py"));
  EXPECT_FALSE(fnmatch("\xc3", "é"));
}

TEST(GlobTest, SetsAreThoseOfPython) {
  EXPECT_TRUE(fnmatch("b", "[a-c]"));
  EXPECT_FALSE(fnmatch("d", "[a-c]"));
  EXPECT_TRUE(fnmatch("d", "[!a-c]"));
  EXPECT_TRUE(fnmatch("]", "[]]"));
  EXPECT_TRUE(fnmatch("x", "[!]]"));
  EXPECT_FALSE(fnmatch("]", "[!]]"));
  EXPECT_TRUE(fnmatch("-", "[a-]"));
  EXPECT_TRUE(fnmatch("-", "[-a]"));
  EXPECT_TRUE(fnmatch("ä", "[à-ü]"));
  EXPECT_TRUE(fnmatch("^", "[^a]"));  // no negation in fnmatch
  EXPECT_TRUE(fnmatch("\\", "[\\]"));
}

TEST(GlobTest, EmptyRangesMatchNothing) {
  EXPECT_FALSE(fnmatch("b", "[c-a]"));
  EXPECT_TRUE(fnmatch("b", "[!c-a]"));
}

TEST(GlobTest, UnclosedSetIsABracket) {
  EXPECT_TRUE(fnmatch("[a", "[a"));
  EXPECT_TRUE(fnmatch("[]", "[]"));
  EXPECT_TRUE(fnmatch("[!]", "[!]"));
  EXPECT_FALSE(fnmatch("a", "[a"));
}

TEST(GlobTest, ManyStarsStayQuadratic) {
  const std::string name(20'000, 'a');
  std::string pattern;
  for (int i = 0; i < 50; ++i) pattern += "*a";
  EXPECT_FALSE(fnmatch(name, pattern + "b"));
  EXPECT_TRUE(fnmatch(name, pattern));
}

TEST(GlobTest, PatternWithoutSlashIsForTheLastComponent) {
  EXPECT_TRUE(fnmatch_ex("build", "/p/build"));
  EXPECT_FALSE(fnmatch_ex("build", "/build/p"));
  EXPECT_TRUE(fnmatch_ex(".*", "/p/.git"));
}

TEST(GlobTest, PatternWithSlashIsForThePath) {
  EXPECT_TRUE(fnmatch_ex("tests/**/doc/test*.py", "/r/tests/foo/bar/doc/test_foo.py"));
  EXPECT_TRUE(fnmatch_ex("doc/test_*.py", "/r/doc/test_a.py"));
  EXPECT_FALSE(fnmatch_ex("doc/test_*.py", "/r/mydoc/test_a.py"));
  EXPECT_TRUE(fnmatch_ex("/r/*.py", "/r/a/b.py"));
  EXPECT_FALSE(fnmatch_ex("/r/*.py", "/s/r/b.py"));
}

TEST(GlobTest, AnyOfSeveral) {
  EXPECT_TRUE(matches_any({"test_*.py", "*_test.py"}, "/p/a_test.py"));
  EXPECT_FALSE(matches_any({"test_*.py", "*_test.py"}, "/p/a.py"));
  EXPECT_FALSE(matches_any({}, "/p/a.py"));
}

}  // namespace
}  // namespace trun
