#include "reporters/ending.h"

#include <gtest/gtest.h>

#include "tests/unit/reporters/events.h"

namespace trun {
namespace {

TEST(EndingTest, CrashBecomesAFailedReport) {
  const auto e = ended(0, outcome::Crashed{11, Phase::call}, "Fatal Python error\n");
  const auto report = made_report("a.py::TestC::test_d", e.result);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->category, "failed");
  EXPECT_EQ(report->letter, "F");
  EXPECT_EQ(report->word, "CRASHED");
  EXPECT_EQ(report->head_line, "TestC.test_d");
  EXPECT_EQ(failure_message(*report), "crashed (signal 11, SIGSEGV) in call");
  ASSERT_EQ(report->sections.size(), 1u);
  EXPECT_EQ(report->sections[0].second, "Fatal Python error\n");
}

TEST(EndingTest, LongLastWordsKeepTheirLastLines) {
  std::string words;
  for (int i = 0; i < 3000; ++i) words += "line " + std::to_string(i) + "\n";
  const auto report = made_report("a.py::t", ended(0, outcome::TimedOut{}, words).result);
  const std::string& kept = report->sections[0].second;
  EXPECT_LT(kept.size(), 8300u);
  EXPECT_EQ(kept.substr(0, 9), "...\nline ");
  EXPECT_EQ(kept.substr(kept.size() - 10), "line 2999\n");
}

TEST(EndingTest, PytestsOwnResultsNeedNoReport) {
  EXPECT_FALSE(made_report("a.py::t", passed(0).result));
  EXPECT_FALSE(made_report("a.py::t", reported(0, {failed_call("assert 0", "t")}).result));
  EXPECT_FALSE(made_report("a.py::t", ended(0, outcome::NotRun{"late"}).result));
}

TEST(EndingTest, AFailureWithoutReportsIsStillShown) {
  const auto report = made_report("a.py::t", ended(0, outcome::Errored{}).result);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->category, "error");
  EXPECT_EQ(report->letter, "E");
}

TEST(EndingTest, APassBeforeACrashDoesNotCount) {
  const auto crashed = ended(0, outcome::Crashed{9, Phase::teardown});
  EXPECT_TRUE(is_overruled(crashed.result, passed_phase("call")));
  EXPECT_FALSE(is_overruled(crashed.result, failed_call("assert 0", "t")));
  EXPECT_FALSE(is_overruled(passed(0).result, passed_phase("call")));
}

TEST(EndingTest, FailureMessageIsTheCrashLineOrAStringLongrepr) {
  PhaseReport report = phase("call", "failed", "failed", "F", "FAILED");
  report.longrepr_is_text = true;
  report.longrepr = "[XPASS(strict)] two\nlines\n";
  EXPECT_EQ(failure_message(report), "[XPASS(strict)] two\nlines");
  report.longrepr = "contains 1 failed subtest\n";
  EXPECT_EQ(failure_message(report), "contains 1 failed subtest");
  report.longrepr_is_text = false;
  report.longrepr = "file x, line 1\nE  fixture 'y' not found\n";
  EXPECT_EQ(failure_message(report), std::nullopt);
  EXPECT_EQ(failure_message(collect_error().report), std::nullopt);
  report.crash_path = "x.py";
  report.crash_message = "KeyError: 1";
  EXPECT_EQ(failure_message(report), "KeyError: 1");
}

}  // namespace
}  // namespace trun
