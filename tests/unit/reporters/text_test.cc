#include "reporters/text.h"

#include <gtest/gtest.h>

namespace trun {
namespace {

TEST(TextTest, WidthFollowsTheUnicodeTables) {
  EXPECT_EQ(display_width("abc"), 3);
  EXPECT_EQ(display_width("日本語"), 6);
  EXPECT_EQ(display_width("e\u0301"), 1);
  EXPECT_EQ(display_width("a\u200bb"), 2);
  EXPECT_EQ(display_width("😀"), 2);
  EXPECT_EQ(display_width("\xff"), 1);
  EXPECT_EQ(display_width(""), 0);
}

TEST(TextTest, ControlCharactersHaveNoWidth) {
  EXPECT_EQ(display_width("a\tb"), -1);
  EXPECT_EQ(display_width("\x1b[1m"), -1);
}

// The expected lines are what _pytest/_io/terminalwriter.py's sep() gives.
TEST(TextTest, SeparatorFillsTheWidth) {
  EXPECT_EQ(sep_line('=', "hi", 10), "=== hi ===");
  EXPECT_EQ(sep_line('=', "hi!", 10), "== hi! ===");
  EXPECT_EQ(sep_line('-', "", 5), "-----");
  EXPECT_EQ(sep_line('_', "a title that is too long", 10), "_ a title that is too long _");
  EXPECT_EQ(sep_line('=', "日本", 10), "=== 日本 ===");
}

TEST(TextTest, MarkupPutsColourBeforeBold) {
  EXPECT_EQ(marked("x", {Color::red, true}), "\x1b[31m\x1b[1mx\x1b[0m");
  EXPECT_EQ(marked("x", {Color::none, true}), "\x1b[1mx\x1b[0m");
  EXPECT_EQ(marked("x", {}), "x");
}

TEST(TextTest, TrimmedKeepsTheFirstLineWithinTheWidth) {
  EXPECT_EQ(trimmed(" - ", "short", "", 20), " - short");
  EXPECT_EQ(trimmed(" - ", "one\ntwo", "", 20), " - one");
  EXPECT_EQ(trimmed(" - ", "0123456789", "", 10), " - 0123...");
  EXPECT_EQ(trimmed(" - ", "日本語日本語", "", 10), " - 日本...");
  EXPECT_EQ(trimmed(" (", "0123456789", ")", 9), " (012...)");
  EXPECT_EQ(trimmed(" - ", "0123456789", "", 5), std::nullopt);
}

TEST(TextTest, EllipsisIsNeverWiderThanAsked) {
  for (int columns = 0; columns < 12; ++columns) {
    EXPECT_LE(display_width(ellipsis("日本語テキスト", columns)), columns);
  }
  EXPECT_EQ(ellipsis("0123456789", 10), "0123456789");
  EXPECT_EQ(ellipsis("0123456789", 9), "012345...");
}

TEST(TextTest, WrappedBreaksAtBlanksAndInLongWords) {
  EXPECT_EQ(wrapped(" (one two three)", 4, 14), " (one two\nthree)");
  EXPECT_EQ(wrapped("ab 0123456789", 0, 4), "ab\n0123\n4567\n89");
}

TEST(TextTest, AnsiSequencesAreRemovedAndBrokenOnesStay) {
  EXPECT_EQ(without_ansi("\x1b[1;31mred\x1b[0m!"), "red!");
  EXPECT_EQ(without_ansi("cut\x1b[1;"), "cut\x1b[1;");
  EXPECT_EQ(without_ansi("\x1bx"), "\x1bx");
}

TEST(TextTest, DurationsReadAsPytestWritesThem) {
  EXPECT_EQ(session_duration(1.234), "1.23s");
  EXPECT_EQ(session_duration(61), "61.00s (0:01:01)");
  EXPECT_EQ(session_duration(90061), "90061.00s (1 day, 1:01:01)");
  EXPECT_EQ(session_duration(3 * 86400.0), "259200.00s (3 days, 0:00:00)");
  EXPECT_EQ(node_duration(0.0000005), " 0.500us");
  EXPECT_EQ(node_duration(0.00099996), " 1.000ms");
  EXPECT_EQ(node_duration(0.0123), " 12.30ms");
  EXPECT_EQ(node_duration(59.5), " 59.500s");
  EXPECT_EQ(node_duration(125), " 2m 5s");
  EXPECT_EQ(node_duration(7260), " 2h 1m");
}

}  // namespace
}  // namespace trun
