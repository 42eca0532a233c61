#include "reporters/live_line.h"

#include <gtest/gtest.h>

#include "reporters/text.h"
#include "tests/unit/reporters/events.h"

namespace trun {
namespace {

event::Progress progress(double now, std::vector<event::Progress::Running> running) {
  event::Progress e;
  e.at = at(now);
  e.running = std::move(running);
  return e;
}

TEST(LiveLineTest, NamesTheTestThatRunsLongest) {
  const Collection collection = collected({"a.py::fast", "a.py::slow"}).collection;
  auto now = progress(10.5, {{0, 0, Phase::call, at(10)}, {1, 1, Phase::setup, at(3.5)}});
  now.left = after(75);
  EXPECT_EQ(live_text(now, collection, 40, 2, at(0.5), 100),
            "40/2, 2 failed, 4.0/s, a.py::slow (setup) 7.0s, 1m 15s left");
}

TEST(LiveLineTest, NothingRunningAndNothingDone) {
  const Collection collection = collected({"a.py::t"}).collection;
  EXPECT_EQ(live_text(progress(1, {}), collection, 0, 0, at(1), 80), "0/1");
}

TEST(LiveLineTest, NeverWiderThanTheTerminal) {
  const Collection collection = collected({"a.py::" + std::string(2000, 'x') + "\xff\x1b[2J日本語"}).collection;
  const auto now = progress(100, {{0, 0, Phase::call, at(0)}});
  for (int columns = 1; columns < 120; ++columns) {
    const std::string text = live_text(now, collection, 1, 1, at(0), columns);
    EXPECT_GE(display_width(text), 0);
    EXPECT_LE(display_width(text), columns);
  }
}

TEST(LiveLineTest, AnEmptyLineIsErasedInPlace) {
  LiveLine live;
  live.set("working");
  EXPECT_EQ(live.draw(0, 80), "working");
  EXPECT_EQ(live.erase(), "\r\x1b[2K");
  EXPECT_EQ(live.erase(), "");
}

TEST(LiveLineTest, LettersAboveKeepTheirPlace) {
  LiveLine live;
  live.set("working");
  EXPECT_EQ(live.draw(12, 80), "\nworking");
  EXPECT_EQ(live.erase(), "\r\x1b[2K\x1b[A\x1b[13G");
  EXPECT_EQ(live.draw(100, 80), "\nworking");
  EXPECT_EQ(live.erase(), "\r\x1b[2K\x1b[A\x1b[21G");
}

TEST(LiveLineTest, NotDrawnWhereTheColumnIsUnknown) {
  LiveLine live;
  live.set("working");
  EXPECT_EQ(live.draw(-1, 80), "");
  EXPECT_EQ(live.erase(), "");
}

}  // namespace
}  // namespace trun
