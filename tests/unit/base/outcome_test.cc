#include "runner/base/outcome.h"

#include <gtest/gtest.h>

#include <csignal>
#include <set>
#include <vector>

namespace trun {
namespace {

std::vector<Outcome> every_outcome() {
  return {outcome::Passed{},
          outcome::Failed{},
          outcome::Skipped{},
          outcome::Xfailed{},
          outcome::Xpassed{},
          outcome::Errored{},
          outcome::Crashed{SIGSEGV, Phase::call},
          outcome::TimedOut{Phase::setup},
          outcome::OutOfMemory{"2.1 GB"},
          outcome::PrematureExit{3, Phase::teardown},
          outcome::Leaked{"a thread"},
          outcome::WorkerLost{"it spoke nonsense"},
          outcome::NotRun{"stopped"},
          outcome::Infrastructure{"service db died"}};
}

TEST(OutcomeTest, EveryOutcomeHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (const Outcome& outcome : every_outcome()) names.insert(outcome_name(outcome));
  EXPECT_EQ(names.size(), std::variant_size_v<Outcome>);
}

TEST(OutcomeTest, NamesArePytestsWhereItHasOne) {
  EXPECT_EQ(outcome_name(outcome::Errored{}), "error");
  EXPECT_EQ(outcome_name(outcome::Xpassed{}), "xpassed");
  EXPECT_EQ(outcome_name(outcome::NotRun{}), "not_run");
}

TEST(OutcomeTest, ReasonsOfTrunsOwnOutcomesNameTheCauseAndThePhase) {
  EXPECT_EQ(outcome_reason(outcome::Crashed{SIGSEGV, Phase::call}), "crashed (signal 11, SIGSEGV) in call");
  EXPECT_EQ(outcome_reason(outcome::Crashed{SIGSEGV, Phase::setup, "a.py:3 in f"}),
            "crashed (signal 11, SIGSEGV) in setup, at a.py:3 in f");
  EXPECT_EQ(outcome_reason(outcome::PrematureExit{3, Phase::teardown}), "the process exited with code 3 in teardown");
  EXPECT_EQ(outcome_reason(outcome::WorkerLost{"mute"}), "worker lost: mute");
  EXPECT_EQ(outcome_reason(outcome::TimedOut{Phase::setup}), "timed out in setup");
}

TEST(OutcomeTest, PytestsOwnOutcomesLeaveTheReasonToPytest) {
  for (const Outcome& outcome : every_outcome()) {
    const bool own = outcome.index() <= Outcome(outcome::Errored{}).index();
    EXPECT_EQ(outcome_reason(outcome).empty(), own) << outcome_name(outcome);
  }
}

TEST(OutcomeTest, WhatMakesARunFail) {
  const std::set<std::string_view> good = {"passed", "skipped", "xfailed", "xpassed", "not_run"};
  for (const Outcome& outcome : every_outcome()) {
    EXPECT_EQ(is_bad(outcome), good.count(outcome_name(outcome)) == 0) << outcome_name(outcome);
  }
}

TEST(OutcomeTest, PhasesHaveNames) {
  EXPECT_EQ(phase_name(Phase::idle), "idle");
  EXPECT_EQ(phase_name(Phase::finish), "finish");
  EXPECT_EQ(phase_name(Phase::exit), "exit");
  EXPECT_EQ(phase_name(static_cast<Phase>(99)), "unknown");
}

}  // namespace
}  // namespace trun
