#include "reporters/json_text.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/reporters/events.h"

namespace trun {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(JsonTextTest, StringsAreEscaped) {
  EXPECT_EQ(quoted("a\"b\\c\nd\te"), "\"a\\\"b\\\\c\\nd\\u0009e\"");
  EXPECT_EQ(quoted(std::string_view("\0\x7f", 2)), "\"\\u0000\\u007f\"");
  EXPECT_EQ(quoted("日\xff\xed\xa0\x80"), "\"日\ufffd\ufffd\ufffd\ufffd\"");
}

TEST(JsonTextTest, SecondsOfAnySizeAndSign) {
  const auto text = [](Duration value) {
    std::string out;
    append_seconds(out, value);
    return out;
  };
  EXPECT_EQ(text(after(1.5)), "1.500000");
  EXPECT_EQ(text(Duration(999)), "0.000000");
  EXPECT_EQ(text(Duration(-999)), "0.000000");
  EXPECT_EQ(text(Duration(-1234567)), "-0.001234");
  EXPECT_EQ(text(Duration::max()), "9223372036.854775");
  EXPECT_EQ(text(Duration::min()), "-9223372036.854775");
}

TEST(JsonTextTest, ObjectsAndArraysNest) {
  std::string out;
  {
    JsonObject object(out);
    object.add("a", 1);
    object.add_if("none", "");
    object.add_seconds("s", after(0.5));
    object.key("list");
    append_json_array(out, std::vector<std::string>{"x", "y"},
                      [&](const std::string& s) { append_json_string(out, s); });
  }
  EXPECT_EQ(out, R"({"a": 1, "s": 0.500000, "list": ["x", "y"]})");
}

}  // namespace
}  // namespace trun
