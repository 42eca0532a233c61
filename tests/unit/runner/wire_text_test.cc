#include "runner/wire/wire_text.h"

#include <gtest/gtest.h>

namespace trun {
namespace {

TEST(WireTextTest, PathsComeBackAsTheyWere) {
  for (const std::string path : {"", "/a/test_b.py", "gr\xc3\xbcn", "\xff", "a\xfe\xff/b\x80.py", "\xe2\x82", "\\",
                                 "\\u", "\\udc", "\\udc7f", "\\udcf", "\\udcx0", "x\\ud800"}) {
    EXPECT_EQ(path_of(crossing(path)), path);
  }
}

TEST(WireTextTest, WhatCrossesIsUtf8) {
  EXPECT_EQ(crossing("d\xff/gr\xc3\xbcn"), "d\\udcff/gr\xc3\xbcn");
  EXPECT_EQ(path_of("d\\udcff/gr\xc3\xbcn"), "d\xff/gr\xc3\xbcn");
}

}  // namespace
}  // namespace trun
