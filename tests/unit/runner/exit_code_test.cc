#include "runner/base/exit_code.h"

#include <gtest/gtest.h>

namespace trun {
namespace {

ExitFacts good() {
  ExitFacts facts;
  facts.collected = 3;
  facts.sessions = {{0}, {0}};
  return facts;
}

TEST(ExitCodeTest, AllPassed) { EXPECT_EQ(exit_code(good()), kOk); }

TEST(ExitCodeTest, NothingCollectedIsNoSuccess) { EXPECT_EQ(exit_code({}), kNothing); }

TEST(ExitCodeTest, AFailureCountsMoreThanWarnings) {
  ExitFacts facts = good();
  facts.warnings = 2;
  facts.max_warnings = 1;
  EXPECT_EQ(exit_code(facts), kMaxWarnings);
  facts.failed = 1;
  EXPECT_EQ(exit_code(facts), kFailed);
}

TEST(ExitCodeTest, AsManyWarningsAsAllowedAreNone) {
  ExitFacts facts = good();
  facts.warnings = 1;
  facts.max_warnings = 1;
  EXPECT_EQ(exit_code(facts), kOk);
}

TEST(ExitCodeTest, WhatStoppedTheRunHasTheLastWord) {
  ExitFacts facts = good();
  facts.failed = 1;
  facts.stopped = 7;
  EXPECT_EQ(exit_code(facts), 7);
}

TEST(ExitCodeTest, TestsThatFoundNoWorkerAreNoSuccess) {
  ExitFacts facts = good();
  facts.not_run = 1;
  EXPECT_EQ(exit_code(facts), kInterrupted);
}

TEST(ExitCodeTest, AnInternalErrorOfASessionIsTheRuns) {
  ExitFacts facts = good();
  facts.sessions = {{0}, {kInternal}};
  EXPECT_EQ(exit_code(facts), kInternal);
  facts.sessions = {{0}, {kFailed}};
  EXPECT_EQ(exit_code(facts), kOk);
}

TEST(ExitCodeTest, WhatAHookRaisesAtTheEndOfASessionIsTheRuns) {
  ExitFacts facts = good();
  facts.sessions = {{0}, {kFailed, true}};
  EXPECT_EQ(exit_code(facts), kFailed);
  facts.sessions = {{0}, {5, true}};
  EXPECT_EQ(exit_code(facts), 5);
  facts.sessions = {{0}, {0, true}};
  EXPECT_EQ(exit_code(facts), kOk);
  facts.failed = 1;
  facts.sessions = {{5, true}};
  EXPECT_EQ(exit_code(facts), 5);
}

TEST(ExitCodeTest, ErrorsOfCollectorsMayHaveACodeOfTheirOwn) {
  ExitFacts facts = good();
  facts.failed = 1;
  facts.collection = kInternal;
  EXPECT_EQ(exit_code(facts), kInternal);
}

}  // namespace
}  // namespace trun
