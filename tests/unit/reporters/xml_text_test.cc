#include "reporters/xml_text.h"

#include <gtest/gtest.h>

#include "reporters/utf8.h"

namespace trun {
namespace {

TEST(XmlTextTest, ForbiddenCharactersAreVisible) {
  EXPECT_EQ(xml_text(std::string("a\0b\x07\x7f", 5)), "a#x00b#x07#x7F");
  EXPECT_EQ(xml_text("\ufffe\uffff"), "#xFFFE#xFFFF");
  EXPECT_EQ(xml_text("tab\tline\nback\r"), "tab\tline\nback\r");
  EXPECT_EQ(xml_text("日本語 😀"), "日本語 😀");
}

TEST(XmlTextTest, AnsiGoesAndBrokenBytesAreReplaced) {
  EXPECT_EQ(xml_text("\x1b[31mred\x1b[0m \xed\xa0\x80 \x1b"), "red \ufffd\ufffd\ufffd #x1B");
}

TEST(XmlTextTest, LongTextKeepsHeadAndTail) {
  const std::string text = "head" + std::string(1 << 20, 'x') + "tail";
  const std::string capped = capped_text(text, 1000);
  EXPECT_LE(capped.size(), 1000u);
  EXPECT_EQ(capped.substr(0, 4), "head");
  EXPECT_EQ(capped.substr(capped.size() - 4), "tail");
  EXPECT_NE(capped.find("\n[... 1047648 bytes left out ...]\n"), std::string::npos) << capped.substr(460, 80);
  EXPECT_EQ(capped_text("short", 1000), "short");
}

TEST(XmlTextTest, CapsNeverCutACharacter) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "日";
  for (std::size_t limit = 100; limit < 110; ++limit) {
    EXPECT_EQ(valid_utf8(capped_text(text, limit)), capped_text(text, limit));
  }
}

TEST(XmlTextTest, LongNamesEndInAHashOfTheWhole) {
  const std::string name = capped_name("test[" + std::string(2000, 'a') + "1]");
  EXPECT_LT(name.size(), kNameLimit);
  EXPECT_EQ(name.substr(0, 8), "test[aaa");
  EXPECT_NE(name, capped_name("test[" + std::string(2000, 'a') + "2]"));
  EXPECT_EQ(capped_name("test[short]"), "test[short]");
}

TEST(XmlTextTest, NamesAreMeasuredEscaped) {
  const std::string name = capped_name(std::string(500, '<'));
  EXPECT_LT(4 * (name.size() - 20), kNameLimit);
  EXPECT_LT(name.size(), 270u);
}

// The expected texts are those of pytest's junitxml.shorten_message.
TEST(XmlTextTest, MessagesKeepWholeLines) {
  EXPECT_EQ(short_message("one\ntwo"), "one\ntwo");
  EXPECT_EQ(short_message(""), "");
  const std::string line(300, 'x');
  EXPECT_EQ(short_message(line + "\n" + line + "\n" + line), line + "\n[+2 more lines; full report in element text]");
  EXPECT_EQ(short_message(std::string(600, 'y')),
            std::string(500, 'y') + "...\n[truncated; full report in element text]");
  EXPECT_EQ(short_message(std::string(500, 'y')), std::string(500, 'y'));
}

}  // namespace
}  // namespace trun
