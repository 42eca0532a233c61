#include "runner/base/test_result.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace trun {
namespace {

PhaseReport report(std::string when, std::string outcome, std::string category, std::string subtest = "") {
  PhaseReport made;
  made.when = std::move(when);
  made.outcome = std::move(outcome);
  made.category = std::move(category);
  made.subtest = std::move(subtest);
  return made;
}

std::string name_of(const std::vector<PhaseReport>& reports) { return std::string(outcome_name(outcome_of(reports))); }

TEST(OutcomeOfTest, NothingToSayIsAPass) { EXPECT_EQ(name_of({}), "passed"); }

TEST(OutcomeOfTest, AFailedCallIsAFailure) { EXPECT_EQ(name_of({report("call", "failed", "failed")}), "failed"); }

TEST(OutcomeOfTest, AFailedSetUpOrTeardownIsAnError) {
  EXPECT_EQ(name_of({report("setup", "failed", "error")}), "error");
  EXPECT_EQ(name_of({report("call", "passed", "passed"), report("teardown", "failed", "error")}), "error");
}

TEST(OutcomeOfTest, AFailedCallWithAFailedTeardownIsAFailure) {
  EXPECT_EQ(name_of({report("call", "failed", "failed"), report("teardown", "failed", "error")}), "failed");
}

TEST(OutcomeOfTest, XfailIsNoFailure) {
  PhaseReport expected = report("call", "skipped", "xfailed");
  expected.wasxfail = "known";
  EXPECT_EQ(name_of({expected}), "xfailed");
  PhaseReport surprising = report("call", "passed", "xpassed");
  surprising.wasxfail = "known";
  EXPECT_EQ(name_of({surprising}), "xpassed");
}

TEST(OutcomeOfTest, StrictXpassIsAFailure) { EXPECT_EQ(name_of({report("call", "failed", "failed")}), "failed"); }

TEST(OutcomeOfTest, SkipInSetUp) { EXPECT_EQ(name_of({report("setup", "skipped", "skipped")}), "skipped"); }

TEST(OutcomeOfTest, ASkippedSubtestLeavesItsTestAPass) {
  EXPECT_EQ(name_of({report("call", "skipped", "skipped", "(i=1)"), report("call", "passed", "passed")}), "passed");
}

TEST(OutcomeOfTest, AFailedSubtestFailsItsTest) {
  EXPECT_EQ(name_of({report("call", "failed", "failed", "(i=1)"), report("call", "passed", "passed")}), "failed");
}

TEST(TestResultTest, TotalIsTheSumOfThePhases) {
  TestResult result;
  result.setup = Duration(1);
  result.call = Duration(20);
  result.teardown = Duration(300);
  EXPECT_EQ(result.total(), Duration(321));
}

}  // namespace
}  // namespace trun
