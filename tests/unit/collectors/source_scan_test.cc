#include "collectors/source_scan.h"

#include <gtest/gtest.h>

#include <string>

namespace trun {
namespace {

unsigned tests(std::string_view text) { return scan_source(text).tests; }

TEST(SourceScanTest, FunctionsThatBeginWithTest) {
  EXPECT_EQ(
      tests("def test_a(): pass\nasync def test_b():\n  pass\ndef testc(): pass\ndef helper(): pass\nclass A: pass\n"),
      3u);
  EXPECT_EQ(tests("if True:\n    def test_a(): pass\nelse:\n    def test_b(): pass\n"), 2u);
  EXPECT_EQ(tests("def test_a(\n    x,\n):\n    pass\n"), 1u);
  EXPECT_EQ(tests(""), 0u);
}

TEST(SourceScanTest, WhatIsInStringsAndCommentsIsNoTest) {
  EXPECT_EQ(tests("x = '''\ndef test_a(): pass\n'''\n# def test_b(): pass\ny = \\\n  def_test\n"), 0u);
}

TEST(SourceScanTest, FunctionsInFunctionsAreNoTests) {
  EXPECT_EQ(tests("def f():\n  def test_a(): pass\n  class TestA:\n    def test_b(self): pass\n  def test_c(): "
                  "pass\ndef test_d(): pass\n"),
            1u);
}

TEST(SourceScanTest, FixturesAreNoTests) {
  EXPECT_EQ(tests("@pytest.fixture\ndef test_data(): pass\n@pytest.fixture(name='x')\ndef test_more(): pass\ndef "
                  "test_a(): pass\n"),
            1u);
}

TEST(SourceScanTest, MethodsOfTestClasses) {
  EXPECT_EQ(
      tests(
          "class TestA:\n    def test_a(self): pass\n    def help(self): pass\n\n    def test_b(self):\n        pass\n"
          "class Other:\n    def test_c(self): pass\ndef test_d(): pass\n"),
      3u);
  EXPECT_EQ(
      tests("class TestA:\n  class TestB:\n    def test_a(self): pass\n  class Helper:\n    def test_b(self): pass\n"),
      1u);
  EXPECT_EQ(tests("class TestA: pass\ndef test_a(): pass\n"), 1u);
}

TEST(SourceScanTest, UnittestClassesWhateverTheirName) {
  EXPECT_EQ(
      tests(
          "class Suite(unittest.TestCase):\n  def test_a(self): pass\nclass More(Suite):\n  def test_b(self): pass\n"),
      3u);
  EXPECT_EQ(tests("class Suite(IsolatedAsyncioTestCase):\n  async def test_a(self): pass\n"), 1u);
  EXPECT_EQ(tests("class Suite(TestCase):\n  def __init__(self): pass\n  def test_a(self): pass\n"), 1u);
}

TEST(SourceScanTest, InheritedMethodsCountInEachClass) {
  EXPECT_EQ(tests("class Base:\n  def test_a(self): pass\nclass TestA(Base): pass\nclass TestB(m.Base, x=1):\n  def "
                  "test_b(self): pass\n"),
            3u);
}

TEST(SourceScanTest, ClassesThatPytestSkips) {
  EXPECT_EQ(tests("class TestA:\n  def __init__(self): pass\n  def test_a(self): pass\n"), 0u);
  EXPECT_EQ(tests("class TestA:\n  __test__ = False\n  def test_a(self): pass\ndef test_b(): pass\n"), 1u);
  EXPECT_EQ(tests("__test__ = False\ndef test_b(): pass\n"), 0u);
}

TEST(SourceScanTest, ParametrizeMultiplies) {
  EXPECT_EQ(tests("@pytest.mark.parametrize('a', [1, 2])\n@pytest.mark.skip\n@pytest.mark.parametrize('b', (1, 2, "
                  "3))\ndef test_a(a, b): pass\n"
                  "def test_b(): pass\n"),
            7u);
  EXPECT_EQ(tests("@pytest.mark.parametrize('a', [1, 2])\nclass TestA:\n  def test_a(self, a): pass\n"
                  "  @pytest.mark.parametrize('b', [1, 2])\n  def test_b(self, a, b): pass\n"),
            6u);
  EXPECT_EQ(tests("pytestmark = [pytest.mark.parametrize('a', [1, 2])]\ndef test_a(a): pass\nclass TestA:\n  def "
                  "test_b(self, a): pass\n"),
            4u);
  EXPECT_EQ(tests("cases = pytest.mark.parametrize('a', [1, 2])\ndef test_a(a): pass\n"), 1u);
}

TEST(SourceScanTest, CountsAreCapped) {
  std::string text = "class A:\n  def test_a(self): pass\n";
  for (int i = 0; i < 100; ++i) text += "class A(A, A): pass\n";
  EXPECT_EQ(tests(text + "class TestA(A): pass\n"), 1'000'000u);
}

TEST(SourceScanTest, WideParamsAreNoticed) {
  EXPECT_TRUE(scan_source("@pytest.fixture(scope='session', params=[1])\ndef a(): pass\n").wide_params);
  EXPECT_FALSE(scan_source("@pytest.fixture(params=[1])\ndef a(): pass\n").wide_params);
}

TEST(SourceScanTest, WhoReadsTheCollectionIsNoticed) {
  EXPECT_TRUE(scan_source("def test_a(request): assert len(request.session.items) == 6\n").sees_collection);
  EXPECT_TRUE(scan_source("def test_a(request): assert request.session.items").sees_collection);
  EXPECT_TRUE(scan_source("def test_a(s): assert s.testscollected == 6\n").sees_collection);
  EXPECT_TRUE(scan_source("@fixture\ndef f(request): return len(request.node.items)\n").sees_collection);
  EXPECT_FALSE(scan_source("def test_a(session): dict(session.items())\n").sees_collection);
  EXPECT_FALSE(scan_source("def test_a(session): 'session.items', session.items_of, order.items\n").sees_collection);
}

TEST(SourceScanTest, WhoMayAskForAProcessOfItsOwnIsNoticed) {
  EXPECT_TRUE(scan_source("@pytest.mark.trun(isolate='test')\ndef test_a(): pass\n").isolates);
  EXPECT_TRUE(scan_source("pytestmark = [pytest.mark.trun(isolate=HOW)]\n").isolates);
  EXPECT_FALSE(scan_source("@pytest.mark.parametrize('isolate', [1])\ndef test_a(isolate): pass\n").isolates);
  EXPECT_FALSE(scan_source("# isolate=\ndef test_isolate(): 'isolate'\n").isolates);
}

TEST(SourceScanTest, WhatWasNotUnderstoodMayBeWide) {
  EXPECT_TRUE(scan_source("x = 'unfinished\n@pytest.fixture(\n params").wide_params);
  EXPECT_FALSE(scan_source("x = 'unfinished\ndef test_a(): pass").wide_params);
}

TEST(SourceScanTest, AnyBytesGiveAnAnswer) {
  std::string every;
  for (int i = 0; i < 65536; ++i) every += static_cast<char>(i * 131 + i / 256);
  scan_source(every);
  const std::string_view source =
      "@pytest.mark.parametrize('a', [f'{x!r:>{w}}', '''\n'''])\nclass TestA(\n B): \n\tdef test_a(self): \\\n  pass\n";
  for (std::size_t size = 0; size <= source.size(); ++size) EXPECT_LE(tests(source.substr(0, size)), 2u);
  EXPECT_EQ(tests(source), 2u);
}

TEST(SourceScanTest, UnfinishedDeepAndLongTextsEnd) {
  for (const char* unit :
       {"class A(A):\n", "f'{", "((", "@", "a.parametrize(", "def test_a", "\\\n", "'", " \n", "x[f('''"}) {
    std::string text;
    while (text.size() < 300'000) text += unit;
    scan_source(text);
  }
}

}  // namespace
}  // namespace trun
