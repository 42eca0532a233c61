#include "runner/containment/interrupts.h"

#include <gtest/gtest.h>

#include <csignal>

namespace trun {
namespace {

/// Says of each signal whether it is one more interrupt; time goes on as told.
class Told {
 public:
  bool operator()(int signal, int after_ms) {
    now_ += std::chrono::milliseconds(after_ms);
    return interrupts_.is_another(signal, now_);
  }

 private:
  Interrupts interrupts_;
  TimePoint now_{};
};

TEST(InterruptsTest, OneToTheWholeGroupIsOneHoweverLateTheGuardianIs) {
  Told told;
  EXPECT_TRUE(told(SIGINT, 0));
  EXPECT_FALSE(told(handed_on(SIGINT), 1500));
}

TEST(InterruptsTest, TheGuardianMayBeFirst) {
  Told told;
  EXPECT_TRUE(told(handed_on(SIGTERM), 0));
  EXPECT_FALSE(told(SIGTERM, 1500));
}

TEST(InterruptsTest, TwoToTheWholeGroupAreTwo) {
  Told told;
  EXPECT_TRUE(told(SIGINT, 0));
  EXPECT_FALSE(told(handed_on(SIGINT), 400));
  EXPECT_TRUE(told(SIGINT, 300));
  EXPECT_FALSE(told(handed_on(SIGINT), 400));
}

TEST(InterruptsTest, TheTerminalsComeInOneFormOnly) {
  Told told;
  EXPECT_TRUE(told(SIGINT, 0));
  EXPECT_TRUE(told(SIGINT, 300));
  EXPECT_TRUE(told(SIGINT, 300));
}

TEST(InterruptsTest, ThoseToTheGuardianAloneAreAllHandedOn) {
  Told told;
  EXPECT_TRUE(told(handed_on(SIGINT), 0));
  EXPECT_TRUE(told(handed_on(SIGINT), 300));
}

TEST(InterruptsTest, AnotherSignalIsNoTwin) {
  Told told;
  EXPECT_TRUE(told(SIGINT, 0));
  EXPECT_TRUE(told(handed_on(SIGTERM), 300));
}

TEST(InterruptsTest, WhatComesMuchLaterIsNoTwin) {
  Told told;
  EXPECT_TRUE(told(SIGINT, 0));
  EXPECT_TRUE(told(handed_on(SIGINT), 2000));
}

TEST(InterruptsTest, NobodyMeansTwoByWhatComesAtOnce) {
  Told told;
  EXPECT_TRUE(told(handed_on(SIGTERM), 0));
  EXPECT_FALSE(told(handed_on(SIGTERM), 10));
}

TEST(InterruptsTest, OtherSignalsAreHandedOnAsTheyAre) {
  EXPECT_EQ(handed_on(SIGHUP), SIGHUP);
  EXPECT_EQ(handed_on(SIGUSR1), SIGUSR1);
  EXPECT_EQ(interrupting_signals().size(), 6u);
}

}  // namespace
}  // namespace trun
