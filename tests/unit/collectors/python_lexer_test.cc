#include "collectors/python_lexer.h"

#include <gtest/gtest.h>

#include <string>

namespace trun {
namespace {

// The tokens with a bar between, newline as $, and a ? at the end if the lexer is not certain.
std::string tokens(std::string_view text) {
  PythonLexer lexer(text);
  std::string result;
  for (Token token = lexer.next(); token.kind != Token::Kind::end; token = lexer.next()) {
    if (!result.empty()) result += '|';
    result += token.kind == Token::Kind::newline ? "$" : std::string(token.text);
  }
  return result + (lexer.certain() ? "" : "?");
}

std::string content(std::string_view text) { return std::string(PythonLexer(text).next().content); }

TEST(PythonLexerTest, NamesNumbersOperators) {
  EXPECT_EQ(tokens("x = f(1_0, 0x1f, 1.5) != y**2\n"), "x|=|f|(|1_0|,|0x1f|,|1.5|)|!=|y|**|2|$");
  EXPECT_EQ(tokens("a: int = b[:-1]"), "a|:|int|=|b|[|:|-|1|]|$");
  EXPECT_EQ(tokens("grüße = 1"), "grüße|=|1|$");
}

TEST(PythonLexerTest, EmptyLinesAndCommentsGiveNothing) {
  EXPECT_EQ(tokens(""), "");
  EXPECT_EQ(tokens("\n\n  \n# only\n\t# this"), "");
  EXPECT_EQ(tokens("a # one\n# two\n\nb"), "a|$|b|$");
}

TEST(PythonLexerTest, LinesGoOnInBracketsAndAfterBackslash) {
  EXPECT_EQ(tokens("f(a, # why\n\n  b)\nc"), "f|(|a|,|b|)|$|c|$");
  EXPECT_EQ(tokens("a = \\\n  b\nc"), "a|=|b|$|c|$");
  EXPECT_EQ(tokens("a = \\\r\n  b\rc"), "a|=|b|$|c|$");
}

TEST(PythonLexerTest, StringsOfEveryKind) {
  EXPECT_EQ(tokens("'a' \"b\" '' r'\\' x"), "'a'|\"b\"|''|r'\\' x|$?");
  EXPECT_EQ(tokens("Rb'x' bR\"y\" u'z' f'w'"), "Rb'x'|bR\"y\"|u'z'|f'w'|$");
  EXPECT_EQ(tokens("'''a\n'b' \"\"\" ''' c"), "'''a\n'b' \"\"\" '''|c|$");
  EXPECT_EQ(tokens("'it\\'s # no comment'"), "'it\\'s # no comment'|$");
  EXPECT_EQ(tokens("'a\\\nb'"), "'a\\\nb'|$");
  EXPECT_EQ(tokens("bar'x'"), "bar|'x'|$");
  EXPECT_EQ(content("rb'''x'y'''"), "x'y");
  EXPECT_EQ(content("''"), "");
}

TEST(PythonLexerTest, FormatStringsNest) {
  EXPECT_EQ(tokens("f'{a[\"b\"]}' c"), "f'{a[\"b\"]}'|c|$");
  EXPECT_EQ(tokens("f'{a['b']}' c"), "f'{a['b']}'|c|$");
  EXPECT_EQ(tokens("f'{f'{f'{1}'}'}' c"), "f'{f'{f'{1}'}'}'|c|$");
  EXPECT_EQ(tokens("f'{{' c"), "f'{{'|c|$");
  EXPECT_EQ(tokens("f'{x:{w}>#10}' c"), "f'{x:{w}>#10}'|c|$");
  EXPECT_EQ(tokens("f'{ {1: 2}[1] }' c"), "f'{ {1: 2}[1] }'|c|$");
  EXPECT_EQ(tokens("rf'\\{x}' c"), "rf'\\{x}'|c|$");
  EXPECT_EQ(tokens("f'''{\nx # '''\n}''' c"), "f'''{\nx # '''\n}'''|c|$");
}

TEST(PythonLexerTest, UnfinishedStringEndsWithItsLine) {
  EXPECT_EQ(tokens("a = 'b\nc"), "a|=|'b|$|c|$?");
  EXPECT_EQ(tokens("'''a\nb"), "'''a\nb|$?");
  EXPECT_EQ(tokens("f'{a"), "f'{a|$?");
  EXPECT_EQ(tokens("'\\"), "'\\|$?");
}

TEST(PythonLexerTest, WhatIsNotPythonIsNotCertain) {
  EXPECT_EQ(tokens("f(a"), "f|(|a|$?");
  EXPECT_EQ(tokens("a)"), "a|)|$?");
  EXPECT_EQ(tokens(std::string_view("a\0b", 3)), std::string("a|\0|b|$?", 8));
  EXPECT_EQ(tokens("a ? b"), "a|?|b|$?");
}

TEST(PythonLexerTest, EncodingsThatHideAsciiAreNotCertain) {
  EXPECT_EQ(tokens("# -*- coding: utf-7 -*-\na"), "a|$?");
  EXPECT_EQ(tokens("#!/bin/sh\n# vim: set fileencoding=shift_jis :\na"), "a|$?");
  EXPECT_EQ(tokens("# coding: UTF-8\na"), "a|$");
  EXPECT_EQ(tokens("# coding=latin_1\na = '\xe4'"), "a|=|'\xe4'|$");
  EXPECT_EQ(tokens("\n\n# coding: utf-7 is only said in the first two lines\na"), "a|$");
}

TEST(PythonLexerTest, IndentIsThatOfTheLogicalLine) {
  PythonLexer lexer(
      "\xEF\xBB\xBF"
      "a\n    b (\n c)\n\td\n  \te\n\f f");
  std::vector<unsigned> indents;
  for (Token token = lexer.next(); token.kind != Token::Kind::end; token = lexer.next())
    if (token.kind == Token::Kind::name) indents.push_back(lexer.indent());
  EXPECT_EQ(indents, (std::vector<unsigned>{0, 4, 4, 8, 8, 1}));
}

TEST(PythonLexerTest, CommentsAreReported) {
  const std::string_view text = "a # b\n'#'\n#c";
  PythonLexer lexer(text);
  while (lexer.next().kind != Token::Kind::end) {
  }
  EXPECT_EQ(lexer.comments(), (std::vector<std::pair<std::size_t, std::size_t>>{{2, 5}, {10, 12}}));
}

TEST(PythonLexerTest, DeepNestingNeedsNoStack) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "f'{";
  EXPECT_TRUE(tokens(text).ends_with("?"));
  EXPECT_TRUE(tokens(std::string(500'000, '(')).ends_with("?"));
}

}  // namespace
}  // namespace trun
