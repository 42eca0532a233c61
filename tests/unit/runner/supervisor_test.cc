// Supervisor: whose time is up, by the clock that a test gives it and the pages that workers write. Nobody is ended
// here: these workers have no process.
#include "runner/engine/supervisor.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "tests/unit/runner/fake_worker.h"
#include "tests/unit/scheduler/collections.h"

namespace trun {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const TimePoint kBegan = TimePoint{} + std::chrono::hours(1);

struct Deaf : WorkerObserver {
  void on_frame(WorkerProcess&, FromWorker&) override {}
  void on_heard(WorkerProcess&) override {}
  void on_line(WorkerProcess&, event::OutputLine::Stream, std::string_view) override {}
  void on_exit(WorkerProcess&) override {}
};

/// One worker that has two tests and is at the second, in call since kBegan + 1 s, begun at kBegan. A test may take ten
/// seconds, and after three it is said to be slow.
class SupervisorTest : public testing::Test {
 protected:
  SupervisorTest() {
    config_.timeout = seconds(10);
    config_.slow = seconds(3);
    crew_.adopt(fake_.release());
    worker().assigned = {0, 1};
    worker().delivered = 1;
    fake_.is_at(1, Phase::call, kBegan + seconds(1), kBegan);
    narrator_.listen([this](RunEvent& event) {
      if (const auto* notice = std::get_if<event::Notice>(&event)) notices_.push_back(notice->text);
    });
  }

  WorkerProcess& worker() { return fake_.process(); }
  Supervisor& supervisor() {
    if (!made_)
      made_ = std::make_unique<Supervisor>(Supervisor::Context{config_, collection_, crew_, watch_, narrator_});
    return *made_;
  }
  void tick(Duration after) { supervisor().tick(kBegan + after); }
  std::string reason() { return worker().stopping ? worker().stopping->reason : ""; }
  bool says(const std::string& words) const {
    for (const std::string& notice : notices_) {
      if (notice.find(words) != std::string::npos) return true;
    }
    return false;
  }

  Config config_;
  Collection collection_ = collection_of("a:2");
  FakeWorker fake_{0};
  EventLoop loop_;
  Deaf deaf_;
  WorkerWatch watch_{loop_, deaf_};
  Narrator narrator_;
  Crew crew_;
  std::vector<std::string> notices_;
  std::unique_ptr<Supervisor> made_;
};

TEST_F(SupervisorTest, ATestHasItsLimitFromSetUpOnAndThenTheWorkerStartsNoOther) {
  tick(seconds(9));
  EXPECT_EQ(reason(), "");
  tick(seconds(11));
  EXPECT_EQ(reason(), "timed out");
  EXPECT_EQ(worker().stopping->ordinal, std::optional<std::uint64_t>(1));
  EXPECT_EQ(std::get<outcome::TimedOut>(worker().stopping->verdict).limit, seconds(10));
  EXPECT_TRUE(fake_.halted());
}

TEST_F(SupervisorTest, ATestsOwnLimitCounts) {
  collection_.items[1].timeout = seconds(20);
  tick(seconds(11));
  EXPECT_EQ(reason(), "");
  collection_.items[1].timeout = Duration{0};
  tick(std::chrono::hours(2));
  EXPECT_EQ(reason(), "") << "zero: none";
}

TEST_F(SupervisorTest, NoClockRunsWhileTheRunStandsStill) {
  supervisor().paused(kBegan + seconds(2), kBegan + seconds(100));
  tick(seconds(107));
  EXPECT_EQ(reason(), "");
  tick(seconds(109));
  EXPECT_EQ(reason(), "timed out");
}

TEST_F(SupervisorTest, WhoSitsAtADebuggersPromptHasTime) {
  fake_.debugs();
  tick(std::chrono::hours(2));
  EXPECT_EQ(reason(), "");
}

TEST_F(SupervisorTest, TimeForWhichItWaitsForAnAnswerIsNobodysFault) {
  fake_.waits_for_an_answer(kBegan + seconds(2));
  tick(seconds(60));
  EXPECT_EQ(reason(), "");
}

TEST_F(SupervisorTest, ASlowTestIsNamedOnceForEachTimeThatItHasTaken) {
  config_.timeout = Duration{0};
  for (const int second : {2, 3, 4, 5, 6}) tick(seconds(second));
  ASSERT_EQ(notices_.size(), 2u);
  EXPECT_EQ(notices_[0], "slow: a.py::test_1 has run for 3.0 s (call) on gw0");
  EXPECT_EQ(notices_[1], "slow: a.py::test_1 has run for 6.0 s (call) on gw0");
}

TEST_F(SupervisorTest, TheDeadAreNotJudged) {
  fake_.dies_of(SIGSEGV);
  tick(std::chrono::hours(1));
  EXPECT_FALSE(worker().stopping);
  EXPECT_TRUE(notices_.empty());
}

TEST_F(SupervisorTest, AnInterruptedTestIsLostNotTimedOutAndHasAMomentLeft) {
  config_.grace = seconds(5);
  supervisor().end_interrupted(kBegan + seconds(5));
  EXPECT_EQ(reason(), "interrupted, and it did not end within 5.0 s (--grace)");
  EXPECT_TRUE(std::holds_alternative<outcome::WorkerLost>(worker().stopping->verdict));
  EXPECT_EQ(worker().stopping->grace, std::optional<Duration>(seconds(1)));
}

TEST_F(SupervisorTest, WhomAnInterruptWaitsForAreTestsBeforeOthers) {
  FakeWorker other(1);
  crew_.adopt(other.release());
  supervisor().tell_waiting(seconds(4), kBegan + seconds(2));
  ASSERT_EQ(notices_.size(), 1u);
  EXPECT_TRUE(says("waiting for a.py::test_1 (call) on gw0, 4.0 s more")) << notices_[0];
  fake_.ends();
  supervisor().tell_waiting(seconds(4), kBegan + seconds(2));
  EXPECT_TRUE(says("waiting for gw1, 4.0 s more"));
}

TEST_F(SupervisorTest, TheWholeRunsTimeIsUpOnce) {
  config_.run_timeout = seconds(60);
  EXPECT_FALSE(supervisor().run_is_over(kBegan, kBegan + seconds(59)));
  EXPECT_TRUE(supervisor().run_is_over(kBegan, kBegan + seconds(60)));
  EXPECT_FALSE(supervisor().run_is_over(kBegan, kBegan + seconds(61)));
}

TEST_F(SupervisorTest, WithoutALimitARunIsNeverOver) {
  EXPECT_FALSE(supervisor().run_is_over(kBegan, kBegan + std::chrono::hours(1000)));
}

TEST_F(SupervisorTest, AtTheEndOfTheRunsTimeTestsAtWorkHaveTimedOut) {
  supervisor().stop_all("the run's time is up", kBegan + seconds(2));
  EXPECT_EQ(reason(), "the run's time is up");
  EXPECT_EQ(worker().stopping->ordinal, std::optional<std::uint64_t>(1));
  EXPECT_TRUE(std::holds_alternative<outcome::TimedOut>(worker().stopping->verdict));
}

TEST_F(SupervisorTest, ASessionThatWasToldToFinishAndDiedIsLost) {
  worker().delivered = 2;
  worker().finish();
  fake_.dies_of(SIGSEGV);
  supervisor().tell_end(worker(), false);
  EXPECT_TRUE(supervisor().session_lost());
  EXPECT_TRUE(says("gw0: its session did not come to its end: signal 11 (SIGSEGV)"));
}

TEST_F(SupervisorTest, ACollectorThatWasToldToEndHasTheTimeOfAnExit) {
  config_.shutdown_timeout = seconds(5);
  config_.session_finish_timeout = std::chrono::minutes(10);
  worker().collector = true;
  worker().assigned.clear();
  worker().delivered = 0;
  worker().collection.emplace();
  fake_.is_at(0, Phase::idle, kBegan, kBegan);
  supervisor().tick(kBegan + std::chrono::hours(1));
  EXPECT_EQ(reason(), "") << "it forks whoever is asked for";
  worker().finish();
  supervisor().tick(worker().finish_told + seconds(4));
  EXPECT_EQ(reason(), "");
  supervisor().tick(worker().finish_told + seconds(6));
  EXPECT_EQ(reason(), "it did not end within 5.0 s after its session (--shutdown-timeout)");
  fake_.dies_of(SIGKILL);
  supervisor().tell_end(worker(), false);
  EXPECT_FALSE(supervisor().session_lost());
}

TEST_F(SupervisorTest, ASessionThatCodeOfTheUsersHasEndedIsNotLost) {
  worker().delivered = 2;
  worker().finish();
  fake_.is_at(1, Phase::finish, kBegan, kBegan);
  fake_.ends(7);
  supervisor().tell_end(worker(), false);
  EXPECT_FALSE(supervisor().session_lost());
  EXPECT_TRUE(says("gw0: its session did not come to its end: exit 7"));
}

TEST_F(SupervisorTest, AFailureOfTheWorkerPackageItselfLosesTheSession) {
  worker().delivered = 2;
  worker().finish();
  fake_.is_at(1, Phase::finish, kBegan, kBegan);
  fake_.ends(3);
  supervisor().tell_end(worker(), false);
  EXPECT_TRUE(supervisor().session_lost());
}

TEST_F(SupervisorTest, ADeathAfterTheSessionIsAWarningAndLosesNothing) {
  worker().delivered = 2;
  worker().finish();
  worker().done.emplace();
  fake_.dies_of(SIGSEGV);
  supervisor().tell_end(worker(), false);
  EXPECT_FALSE(supervisor().session_lost());
  EXPECT_TRUE(says("in the interpreter's exit, after its session"));
}

TEST_F(SupervisorTest, ASessionThatDoesNotEndInTimeIsLost) {
  config_.session_finish_timeout = seconds(30);
  worker().delivered = 2;
  fake_.is_at(1, Phase::finish, kBegan, kBegan);
  tick(seconds(31));
  EXPECT_NE(reason().find("its session did not end within 30 s"), std::string::npos) << reason();
  EXPECT_FALSE(worker().stopping->ordinal) << "no test is to blame";
  EXPECT_TRUE(supervisor().session_lost());
}

}  // namespace
}  // namespace trun
