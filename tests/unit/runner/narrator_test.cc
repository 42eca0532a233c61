// Narrator: an internal error's traceback is told once, whoever fails of it.
#include "runner/reporting/narrator.h"

#include <gtest/gtest.h>

namespace trun {
namespace {

class NarratorTest : public testing::Test {
 protected:
  NarratorTest() {
    narrator_.listen([this](RunEvent& event) {
      if (const auto* notice = std::get_if<event::Notice>(&event)) told_.push_back(notice->text);
    });
  }

  Narrator narrator_;
  std::vector<std::string> told_;
};

TEST_F(NarratorTest, TheTracebackOfAnInternalErrorIsToldOnce) {
  const InternalError error{"E: no", "/r/a.py:1", "Traceback:\n  a.py\nE: no"};
  narrator_.internal_error("gw0", error);
  narrator_.internal_error("gw1", error);
  narrator_.internal_error("plugin host", {"E: no", "/r/a.py:2", "Another:\nE: no"});
  EXPECT_EQ(told_, (std::vector<std::string>{
                       "gw0: INTERNALERROR> Traceback:\nINTERNALERROR>   a.py\nINTERNALERROR> E: no",
                       "gw1: INTERNALERROR> E: no (its traceback is above)",
                       "plugin host: INTERNALERROR> Another:\nINTERNALERROR> E: no",
                   }));
}

TEST_F(NarratorTest, OfAnInternalErrorWithoutATracebackTheReasonIsTold) {
  const InternalError error{"a teardown failed", "", ""};
  narrator_.internal_error("gw0", error);
  narrator_.internal_error("gw1", error);
  EXPECT_EQ(told_, (std::vector<std::string>{"gw0: INTERNALERROR> a teardown failed",
                                             "gw1: INTERNALERROR> a teardown failed"}));
}

}  // namespace
}  // namespace trun
