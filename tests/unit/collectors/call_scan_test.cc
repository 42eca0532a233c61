#include "collectors/call_scan.h"

#include <gtest/gtest.h>

namespace trun {
namespace {

unsigned rows(std::string_view text) {
  PythonLexer lexer(text);
  CallScan calls;
  for (Token token = lexer.next(); token.kind != Token::Kind::end; token = lexer.next()) calls.feed(token, false, true);
  return calls.take_rows();
}

bool wide(std::string_view text) {
  PythonLexer lexer(text);
  CallScan calls;
  bool import_line = false, decorator_line = false, first = true;
  for (Token token = lexer.next(); token.kind != Token::Kind::end; token = lexer.next()) {
    if (first) import_line = token.is("from") || token.is("import");
    if (first) decorator_line = token.is("@");
    calls.feed(token, import_line, decorator_line);
    first = token.kind == Token::Kind::newline;
  }
  return calls.wide_params();
}

TEST(CallScanTest, RowsOfLiteralLists) {
  EXPECT_EQ(rows("@pytest.mark.parametrize('a', [1, 2, 3])"), 3u);
  EXPECT_EQ(rows("@parametrize('a, b', [(1, 2), (3, 4),])"), 2u);
  EXPECT_EQ(rows("@parametrize(['a', 'b'], ((1, 2), pytest.param(3, [4, 5], id='x')))"), 2u);
  EXPECT_EQ(rows("@parametrize(argnames='a', argvalues=[{'x': [1, 2]}, f(1, 2)])"), 2u);
  EXPECT_EQ(rows("@parametrize('a', [1, 2] + [3])"), 3u);
  EXPECT_EQ(rows("@parametrize('a', [1, 2])\n@parametrize('b', 'xy')\n@parametrize('c', [3, 4, 5])"), 6u);
}

TEST(CallScanTest, RowsOfRanges) {
  EXPECT_EQ(rows("@parametrize('a', range(5_000))"), 5000u);
  EXPECT_EQ(rows("@parametrize('a', range(2, 5))"), 3u);
  EXPECT_EQ(rows("@parametrize('a', list(range(7)))"), 7u);
  EXPECT_EQ(rows("@parametrize('a', [x * 2 for x in range(4) if x])"), 4u);
}

TEST(CallScanTest, WhatIsNotLiteralCountsOnce) {
  EXPECT_EQ(rows("@parametrize('a', CASES)"), 1u);
  EXPECT_EQ(rows("@parametrize('a', cases([1, 2]))"), 1u);
  EXPECT_EQ(rows("@parametrize('a', [])"), 1u);
  EXPECT_EQ(rows("@parametrize('a', range(n))"), 1u);
  EXPECT_EQ(rows("@parametrize('a', [x for x in CASES])"), 1u);
  EXPECT_EQ(rows("@given('a', [1, 2])"), 1u);
}

TEST(CallScanTest, RowsAreCapped) {
  EXPECT_EQ(rows("@parametrize('a', range(99999999999999999999))\n@parametrize('b', range(9999999))"), 1'000'000u);
}

TEST(CallScanTest, ParametrisedFixturesOfWideScope) {
  EXPECT_TRUE(wide("@pytest.fixture(scope='session', params=[1])"));
  EXPECT_TRUE(wide("@pytest.fixture(params=[1, f(2)],\n  scope = \"session\",\n)"));
  EXPECT_TRUE(wide("@fixture(scope=SCOPE, params=PARAMS)"));
  EXPECT_TRUE(wide("@fixture(scope=function, params=PARAMS)"));
  EXPECT_TRUE(wide("@fixture(scope='func' 'tion', params=PARAMS)"));
  EXPECT_TRUE(wide("@fixture(scope=lambda fixture_name, config: 'package', params=[1])"));
  EXPECT_TRUE(wide("@pytest_asyncio.fixture(scope='package', params=[1])"));
  EXPECT_TRUE(wide("@pytest.fixture(**options)"));
  EXPECT_TRUE(wide("options = dict(scope='session', params=[1])"));
}

TEST(CallScanTest, NarrowFixturesAreNot) {
  EXPECT_FALSE(wide("@pytest.fixture\ndef a(): pass"));
  EXPECT_FALSE(wide("@pytest.fixture(scope='session')"));
  EXPECT_FALSE(wide("@pytest.fixture(params=[1, 2])\n@pytest.fixture(scope='module')"));
  EXPECT_FALSE(wide("@pytest.fixture(scope='function', params=[1])"));
  EXPECT_FALSE(wide("@pytest.fixture(scope='module', params=[1])"));
  EXPECT_FALSE(wide("@parametrize('a', [1], scope='class')"));
  EXPECT_FALSE(wide("@pytest.fixture(scope='module', params=None)"));
  EXPECT_FALSE(wide("requests.get(url, params={'scope': 'session'})"));
  EXPECT_FALSE(wide("x = \"pytest.fixture(scope='session', params=[1])\""));
}

TEST(CallScanTest, ParametrizeWithScopeOrIndirect) {
  EXPECT_TRUE(wide("@parametrize('a', [1], scope='session')"));
  EXPECT_TRUE(wide("@parametrize('a', [1], False, None, 'session')"));
  EXPECT_TRUE(wide("@parametrize('a', [1], indirect=True)"));
  EXPECT_TRUE(wide("@parametrize('a', [1], ['a'])"));
  EXPECT_TRUE(wide("@parametrize(*CASES)"));
  EXPECT_TRUE(wide("metafunc.parametrize('a', [1], **more)"));
  EXPECT_FALSE(wide("@parametrize('a', [1], indirect=False, scope='function')"));
  EXPECT_FALSE(wide("@parametrize('a', [1], ids=['x'])"));
}

TEST(CallScanTest, OtherNamesForFixtureAndParametrize) {
  EXPECT_TRUE(wide("per_module = partial(pytest.fixture, scope='session')\n@per_module(params=[1])\ndef a(): pass"));
  EXPECT_TRUE(wide("from pytest import fixture as fx\nm = fx\n@g(scope='session')\n@h(params=[1])"));
  EXPECT_TRUE(wide("f = getattr(pytest, 'fixture')\ng(scope='session')\nh(params=[1])"));
  EXPECT_TRUE(wide("p = pytest.mark.parametrize\n@p('a', [1], scope='session')\ndef test(): pass"));
  EXPECT_FALSE(wide("from pytest import fixture, mark\n@g(scope='session')\n@h(params=[1])"));
}

}  // namespace
}  // namespace trun
