#include "runner/config/dotenv.h"

#include <gtest/gtest.h>

namespace trun {
namespace {

std::optional<std::string> outside(std::string_view name) {
  if (name == "HOME") return "/home/me";
  if (name == "EMPTY") return "";
  return std::nullopt;
}

/// "A=1|B=2", or what is wrong.
std::string read(std::string_view text) {
  const auto found = parse_dotenv(text, ".env", outside);
  if (!found.ok()) return found.error().message;
  std::string out;
  for (const auto& [name, value] : *found) out += (out.empty() ? "" : "|") + name + "=" + value;
  return out;
}

TEST(DotenvTest, LinesCommentsAndBlanks) {
  EXPECT_EQ(read(""), "");
  EXPECT_EQ(read("\n# a comment\n  \nA=1\r\n  B = 2  \nexport C=3\nD=\nE\n"), "A=1|B=2|C=3|D=");
  EXPECT_EQ(read("\xef\xbb\xbf"
                 "A=1"),
            "A=1");
  EXPECT_EQ(read("exported=1"), "exported=1");
}

TEST(DotenvTest, CommentsBehindValues) {
  EXPECT_EQ(read("A=1 # one\nB=a#b\nC= # none\nD=#x\nE='a' # q\nF=\"b\"# q"), "A=1|B=a#b|C=|D=#x|E=a|F=b");
}

TEST(DotenvTest, QuotesKeepBlanksAndLines) {
  EXPECT_EQ(read("A=' x '\nB=\" y\nz \"\nC='l1\nl2'"), "A= x |B= y\nz |C=l1\nl2");
}

TEST(DotenvTest, EscapesInQuotes) {
  EXPECT_EQ(read(R"(A="a\nb\t\"c\" \\ \x"
B='a\nb\'c\\'
C=a\nb)"),
            "A=a\nb\t\"c\" \\ \\x|B=a\\nb'c\\|C=a\\nb");
}

TEST(DotenvTest, VariablesAreExpandedButInSingleQuotes) {
  EXPECT_EQ(read("A=1\nB=${A}/${HOME}\nC=\"<${A}>\"\nD='${A}'\nE=$A\nF=${NONE}x\nG=${NONE:-d}\nH=${EMPTY:-d}\nI=${"),
            "A=1|B=1//home/me|C=<1>|D=${A}|E=$A|F=x|G=d|H=|I=${");
  EXPECT_EQ(read("A=1\nA=2\nB=${A}\nHOME=/h\nC=${HOME}"), "A=1|A=2|B=2|HOME=/h|C=/h");
}

TEST(DotenvTest, WhatIsNoLineIsNamed) {
  EXPECT_EQ(read("A=1\nnot a line\n"), ".env:2: the line must be NAME=VALUE, a comment (#) or empty");
  EXPECT_EQ(read("=1"), ".env:1: the line must be NAME=VALUE, a comment (#) or empty");
  EXPECT_EQ(read("1A=1"), ".env:1: the line must be NAME=VALUE, a comment (#) or empty");
  EXPECT_EQ(read("\n\nA=\"x\nB=1\n"), ".env:3: the line has a quote that is never closed");
  EXPECT_EQ(read("A='x' y"), ".env:1: the line has more behind the closing quote of A");
  EXPECT_EQ(read(std::string_view("A=x\0y", 5)), ".env:1: the line has a zero byte in the value of A");
}

}  // namespace
}  // namespace trun
