#include "runner/containment/cleanup_coordinator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <stdexcept>

namespace trun {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr TimePoint kStart = TimePoint(seconds(1000));

/// Writes down what is called, and ends things when it is told to.
class CleanupTest : public testing::Test {
 protected:
  CleanupHandler handler(CleanupPhase phase, const std::string& name) {
    CleanupHandler made;
    made.phase = phase;
    made.name = name;
    made.begin = [this, name] { return note("begin " + name); };
    made.done = [this, name] { return gone_.count(name) > 0; };
    made.force = [this, name] { return note("force " + name); };
    return made;
  }
  CleanupCoordinator::Id add(CleanupPhase phase, const std::string& name) { return cleanup_.add(handler(phase, name)); }
  Status note(const std::string& what) {
    calls_.push_back(what);
    return ok_status();
  }
  /// Ticks every 10 ms until all is over. How long that took.
  Duration run_out() {
    for (Duration passed{0}; passed < seconds(60); passed += milliseconds(10)) {
      if (cleanup_.tick(kStart + passed)) return passed;
    }
    ADD_FAILURE() << "not over after a minute";
    return seconds(60);
  }
  std::vector<std::string> endings() const {
    std::vector<std::string> found;
    for (const auto& step : cleanup_.log().steps) found.push_back(step.name + ": " + step.how);
    return found;
  }

  CleanupCoordinator cleanup_;
  std::vector<std::string> calls_;
  std::set<std::string> gone_;
};

using Words = std::vector<std::string>;

TEST_F(CleanupTest, NothingHappensBeforeTheRequest) {
  add(CleanupPhase::workers, "gw0");
  EXPECT_FALSE(cleanup_.tick(kStart));
  EXPECT_EQ(calls_, Words{});
}

TEST_F(CleanupTest, PhasesFollowEachOtherAndHandlersOfOneRunSideBySide) {
  add(CleanupPhase::leases, "port");
  add(CleanupPhase::services, "db");
  add(CleanupPhase::workers, "gw0");
  add(CleanupPhase::workers, "gw1");
  cleanup_.request("done", kStart);
  EXPECT_FALSE(cleanup_.tick(kStart));
  EXPECT_EQ(calls_, (Words{"begin gw0", "begin gw1"}));
  gone_ = {"gw0"};
  EXPECT_FALSE(cleanup_.tick(kStart + milliseconds(10)));
  EXPECT_EQ(calls_.size(), 2u) << "a phase began before the one before it was over";
  gone_ = {"gw0", "gw1"};
  EXPECT_FALSE(cleanup_.tick(kStart + milliseconds(20)));
  EXPECT_EQ(calls_.back(), "begin db");
  gone_ = {"db", "port"};
  EXPECT_TRUE(cleanup_.tick(kStart + milliseconds(30)));
  EXPECT_EQ(endings(), (Words{"gw0: done", "gw1: done", "db: done", "port: done"}));
  EXPECT_EQ(cleanup_.log().took, milliseconds(30));
}

TEST_F(CleanupTest, WhatIsLateIsForcedAndThenGivenUp) {
  add(CleanupPhase::workers, "stubborn");
  add(CleanupPhase::leases, "port");
  gone_ = {"port"};
  cleanup_.request("done", kStart);
  EXPECT_EQ(run_out(), milliseconds(2000));
  EXPECT_EQ(calls_, (Words{"begin stubborn", "force stubborn", "begin port"}));
  EXPECT_EQ(endings(), (Words{"stubborn: given up", "port: done"}));
}

TEST_F(CleanupTest, ForcedThingThatEndsIsForcedNotGivenUp) {
  auto made = handler(CleanupPhase::services, "db");
  made.force = [this] {
    gone_ = {"db"};
    return note("force db");
  };
  cleanup_.add(std::move(made));
  cleanup_.request("done", kStart);
  EXPECT_EQ(run_out(), milliseconds(1500));
  EXPECT_EQ(endings(), (Words{"db: forced"}));
}

TEST_F(CleanupTest, BudgetHoldsWhateverHangs) {
  for (int phase = 0; phase <= static_cast<int>(CleanupPhase::reports); ++phase) {
    for (int i = 0; i < 3; ++i) {
      auto made = handler(static_cast<CleanupPhase>(phase), std::to_string(phase) + "/" + std::to_string(i));
      made.limit = seconds(3600);
      cleanup_.add(std::move(made));
    }
  }
  cleanup_.request("done", kStart);
  EXPECT_LE(run_out(), seconds(5));
  EXPECT_EQ(cleanup_.log().steps.size(), 21u);
  EXPECT_EQ(std::count_if(calls_.begin(), calls_.end(), [](const auto& call) { return call.starts_with("force"); }),
            21);
}

TEST_F(CleanupTest, LaterRequestShortens) {
  add(CleanupPhase::workers, "stubborn");
  cleanup_.request("done", kStart);
  cleanup_.request("the guardian is gone", kStart + milliseconds(100), milliseconds(500));
  EXPECT_LE(run_out(), milliseconds(600));
  EXPECT_EQ(cleanup_.log().reason, "done");
}

TEST_F(CleanupTest, LaterRequestDoesNotLengthen) {
  add(CleanupPhase::workers, "stubborn");
  cleanup_.request("done", kStart, milliseconds(500));
  cleanup_.request("again", kStart + milliseconds(100));
  EXPECT_LE(run_out(), milliseconds(500));
}

TEST_F(CleanupTest, ErrorOrExceptionStopsNobodyElse) {
  auto failing = handler(CleanupPhase::workers, "failing");
  failing.begin = []() -> Status { return internal_error("no such process"); };
  auto throwing = handler(CleanupPhase::workers, "throwing");
  throwing.begin = []() -> Status { throw std::runtime_error("boom"); };
  auto odd = handler(CleanupPhase::workers, "odd");
  odd.done = []() -> bool { throw 7; };
  for (auto* each : {&failing, &throwing, &odd}) cleanup_.add(std::move(*each));
  add(CleanupPhase::workers, "good");
  add(CleanupPhase::reports, "reports");
  gone_ = {"good", "reports"};
  cleanup_.request("done", kStart);
  run_out();
  EXPECT_EQ(calls_,
            (Words{"force failing", "force throwing", "begin odd", "begin good", "force odd", "begin reports"}));
  std::set<std::string> errors;
  for (const auto& step : cleanup_.log().steps) errors.insert(step.error);
  EXPECT_EQ(errors, (std::set<std::string>{"", "no such process", "boom", "an exception of an unknown type"}));
}

TEST_F(CleanupTest, WhatEndedByItselfIsNotTouched) {
  const auto id = add(CleanupPhase::workers, "gw0");
  cleanup_.remove(id);
  cleanup_.remove(id);
  cleanup_.request("done", kStart);
  EXPECT_TRUE(cleanup_.tick(kStart));
  EXPECT_EQ(calls_, Words{});
  EXPECT_EQ(endings(), Words{});
}

TEST_F(CleanupTest, MayBeRemovedByItsOwnFunctions) {
  CleanupCoordinator::Id id = 0;
  auto made = handler(CleanupPhase::services, "db");
  made.done = [&] {
    cleanup_.remove(id);
    return false;
  };
  id = cleanup_.add(std::move(made));
  cleanup_.request("done", kStart);
  EXPECT_FALSE(cleanup_.tick(kStart));
  EXPECT_TRUE(cleanup_.tick(kStart + milliseconds(10)));
  EXPECT_EQ(endings(), (Words{"db: done"}));
}

TEST_F(CleanupTest, WhatIsAcquiredMeanwhileIsGivenBackToo) {
  auto made = handler(CleanupPhase::services, "db");
  made.begin = [this] {
    add(CleanupPhase::workers, "late worker");
    return note("begin db");
  };
  cleanup_.add(std::move(made));
  cleanup_.request("done", kStart);
  EXPECT_FALSE(cleanup_.tick(kStart));
  gone_ = {"db", "late worker"};
  EXPECT_TRUE(cleanup_.tick(kStart + milliseconds(10)));
  EXPECT_EQ(calls_, (Words{"begin db", "begin late worker"}));
}

TEST_F(CleanupTest, StopsAtThePhaseAskedFor) {
  add(CleanupPhase::folders, "folder");
  add(CleanupPhase::reports, "reports");
  gone_ = {"folder", "reports"};
  cleanup_.request("done", kStart);
  EXPECT_TRUE(cleanup_.tick(kStart, CleanupPhase::folders));
  EXPECT_EQ(calls_, Words{"begin folder"});
  EXPECT_TRUE(cleanup_.tick(kStart));
  EXPECT_EQ(calls_.back(), "begin reports");
}

/// Whatever is registered and however it behaves: everything gets its turn, once, in order, within the budget.
TEST_F(CleanupTest, PropertiesOverRandomHandlers) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    CleanupCoordinator cleanup;
    std::vector<int> begun;
    std::map<int, TimePoint> ends;
    TimePoint now = kStart;
    const int count = static_cast<int>(random() % 12);
    for (int i = 0; i < count; ++i) {
      const auto phase = static_cast<CleanupPhase>(random() % 7);
      const Duration takes = milliseconds(random() % 4000);
      const bool killable = random() % 2;
      CleanupHandler made{phase, std::to_string(i), milliseconds(random() % 2000), {}, {}, {}};
      made.begin = [&, i, phase, takes]() -> Status {
        begun.push_back(static_cast<int>(phase));
        ends[i] = now + takes;
        if (takes < milliseconds(100)) throw std::runtime_error("at once");
        return ok_status();
      };
      made.done = [&, i] { return ends.count(i) && now >= ends[i]; };
      made.force = [&, i, killable] {
        if (killable) ends[i] = now;
        return ok_status();
      };
      cleanup.add(std::move(made));
    }
    cleanup.request("seed " + std::to_string(seed), kStart);
    while (!cleanup.tick(now)) {
      now += milliseconds(1 + random() % 20);
      ASSERT_LE(now - kStart, seconds(5) + milliseconds(20)) << "seed " << seed;
    }
    EXPECT_EQ(cleanup.log().steps.size(), static_cast<std::size_t>(count)) << "seed " << seed;
    EXPECT_EQ(begun.size(), static_cast<std::size_t>(count)) << "seed " << seed;
    EXPECT_TRUE(std::is_sorted(begun.begin(), begun.end())) << "seed " << seed;
  }
}

TEST(CleanupTextTest, ALineAStep) {
  event::CleanupFinished log;
  log.reason = "the run is over";
  log.took = milliseconds(120);
  log.steps.push_back({"workers", "gw0 (pid 7)", "forced", Duration{0}, milliseconds(1500), "no such process"});
  EXPECT_EQ(cleanup_text(log),
            "clean-up took 0.12 s (the run is over)\n  workers: gw0 (pid 7): forced after 1.50 s (no such process)");
}

}  // namespace
}  // namespace trun
