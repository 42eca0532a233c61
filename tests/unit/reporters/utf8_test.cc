#include "reporters/utf8.h"

#include <gtest/gtest.h>

namespace trun {
namespace {

TEST(Utf8Test, ValidTextPassesUnchanged) {
  const std::string text = "a\u00e9\u65e5\U0001F600";
  EXPECT_EQ(valid_utf8(text), text);
  EXPECT_EQ(code_points(text), 4u);
}

TEST(Utf8Test, InvalidBytesBecomeReplacementCharacters) {
  EXPECT_EQ(valid_utf8("a\xff"
                       "b"),
            "a\ufffdb");
  EXPECT_EQ(valid_utf8("\xed\xa0\x80"), "\ufffd\ufffd\ufffd");            // a lone surrogate
  EXPECT_EQ(valid_utf8("\xc0\xaf"), "\ufffd\ufffd");                      // overlong "/"
  EXPECT_EQ(valid_utf8("\xf4\x90\x80\x80"), "\ufffd\ufffd\ufffd\ufffd");  // past U+10FFFF
  EXPECT_EQ(valid_utf8("\xe6\x97"), "\ufffd\ufffd");                      // cut off
}

TEST(Utf8Test, CutsFallBetweenCharacters) {
  EXPECT_EQ(utf8_prefix("a\u65e5z", 3), "a");
  EXPECT_EQ(utf8_prefix("a\u65e5z", 4), "a\u65e5");
  EXPECT_EQ(utf8_suffix("a\u65e5z", 3), "z");
  EXPECT_EQ(utf8_suffix("a\u65e5z", 4), "\u65e5z");
  EXPECT_EQ(utf8_suffix("abc", 9), "abc");
}

}  // namespace
}  // namespace trun
