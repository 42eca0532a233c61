// CollectPhase without processes: who is started, when a collection is thrown away, and in which way the next one is
// made.
#include "runner/engine/collect_phase.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <deque>
#include <memory>

#include "tests/unit/runner/fake_worker.h"

namespace trun {
namespace {

using Told = std::vector<std::string>;

/// Two workers and the files a.py and b.py. A test says what comes of each collection; what it does not speak of ends
/// well.
class CollectPhaseTest : public testing::Test {
 protected:
  CollectPhaseTest() {
    plan_.workers = 2;
    for (const char* name : {"/r/a.py", "/r/b.py"}) found_.files.emplace_back().path = name;
    narrator_.listen([this](RunEvent& event) {
      const auto* notice = std::get_if<event::Notice>(&event);
      if (notice) notices_.push_back(notice->text);
    });
  }

  /// What happens while the phase waits for the next collection.
  void then(std::function<void()> happens) { script_.push_back(std::move(happens)); }

  Status run() {
    phase_ = std::make_unique<CollectPhase>(CollectPhase::Context{
        plan_, found_, rootdir_, crew_, narrator_, [this] { return start(0, true); },
        [this](Slot slot) { return start(slot, false); }, [this](const auto& reached) { wait(reached); },
        [this] { return given_up_; }, [this] { fakes_.clear(); }});
    return phase_->run();
  }

  FakeWorker& fake(Slot slot) { return *fakes_.at(slot); }
  /// All who were started for this collection and live have collected the same.
  void all_collect() {
    for (const auto& fake : fakes_) {
      if (!Crew::gone(fake->process())) fake->collected({"a.py::x", "b.py::x"});
    }
  }
  /// It had begun to import that file.
  static void comes_to(FakeWorker& fake, const std::string& file) { fake.process().collecting = {file, file}; }
  bool noticed(const std::string& words) const {
    return std::any_of(notices_.begin(), notices_.end(),
                       [&](const std::string& text) { return text.find(words) != std::string::npos; });
  }

  RunPlan plan_;
  Discovery found_;
  const std::string rootdir_ = "/r";
  Crew crew_;
  Narrator narrator_;
  bool given_up_ = false, none_to_be_had_ = false;
  Told started_, notices_;
  std::vector<std::unique_ptr<FakeWorker>> fakes_;
  std::unique_ptr<CollectPhase> phase_;

 private:
  Result<WorkerProcess*> start(Slot slot, bool collector) {
    if (none_to_be_had_) return internal_error("no process");
    started_.push_back(collector ? "collector" : worker_name(slot));
    fakes_.push_back(std::make_unique<FakeWorker>(slot));
    fakes_.back()->process().collector = collector;
    return crew_.adopt(fakes_.back()->release());
  }

  void wait(const std::function<bool()>& reached) {
    if (!script_.empty()) {
      script_.front()();
      script_.pop_front();
    }
    if (!reached()) all_collect();
  }

  std::deque<std::function<void()>> script_;
};

TEST_F(CollectPhaseTest, OneProcessCollectsForAll) {
  plan_.mode = CollectMode::once;
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(started_, Told{"collector"});
  ASSERT_NE(phase_->collector(), nullptr);
  EXPECT_EQ(phase_->take().collection.items.size(), 2u);
  EXPECT_EQ(notices_, Told());
}

TEST_F(CollectPhaseTest, WhatItsImportsBoundHasEachWorkerCollectAndTheNextRunForeseeIt) {
  plan_.mode = CollectMode::once;
  Told told;
  then([&] {
    all_collect();
    fake(0).process().collection->bound = {"a.py:1 made a socket", "b.py:2 opened log for writing"};
    fake(0).process().collection->bound_again = {{"/r/a.py", "a.py:1 made a socket"}};
  });
  then([&] {
    told = fake(0).told();
    fake(0).ends();
  });
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(told, Told{"exit"}) << "its atexit handlers remove what its imports have made";
  EXPECT_EQ(started_, (Told{"collector", "gw0", "gw1"}));
  EXPECT_EQ(plan_.mode, CollectMode::each);
  ASSERT_EQ(plan_.found_bound.size(), 1u);
  EXPECT_EQ(plan_.found_bound.front().first, "/r/a.py");
  EXPECT_EQ(phase_->collector(), nullptr);
  EXPECT_EQ(notices_, Told{"collecting again: each: a.py:1 made a socket, which no other process can share"});
}

TEST_F(CollectPhaseTest, AFileThatEndsItsProcessIsNotImportedAgain) {
  plan_.mode = CollectMode::each;
  then([&] {
    comes_to(fake(0), "/r/a.py");
    fake(0).dies_of(SIGSEGV);
    all_collect();
  });
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(started_, (Told{"gw0", "gw1", "gw0", "gw1"})) << "all of them: the first collection does not count";
  ASSERT_EQ(plan_.broken.count("/r/a.py"), 1u);
  EXPECT_NE(plan_.broken["/r/a.py"].find("SIGSEGV"), std::string::npos);
  EXPECT_EQ(notices_, Told{"collecting again: /r/a.py could not be imported"});
}

TEST_F(CollectPhaseTest, AFileAtWhichAProcessWasKilledFromOutsideHasASecondChance) {
  plan_.mode = CollectMode::each;
  const auto is_killed = [&] {
    EXPECT_EQ(plan_.broken.count("/r/a.py"), 0u);
    comes_to(fake(1), "/r/a.py");
    fake(1).dies_of(SIGKILL);
    all_collect();
  };
  then(is_killed);
  then(is_killed);
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(started_.size(), 6u);
  EXPECT_EQ(plan_.broken.count("/r/a.py"), 1u);
}

TEST_F(CollectPhaseTest, WhoDiesBeforeAnyFileIsReplacedOnceAndThenNamed) {
  plan_.mode = CollectMode::each;
  const auto dies = [&] {
    fake(0).dies_of(SIGABRT);
    all_collect();
  };
  then(dies);
  then(dies);
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(started_, (Told{"gw0", "gw1", "gw0", "gw1"}));
  EXPECT_TRUE(noticed("collecting again: gw0 died before it had come to a file"));
  EXPECT_TRUE(noticed("gw0 ended while it collected: "));
  EXPECT_TRUE(plan_.broken.empty());
}

TEST_F(CollectPhaseTest, WhoseForkHasLeftItWithoutThreadsIsNotForkedAgain) {
  plan_.mode = CollectMode::once;
  then([&] {
    fake(0).process().stood_still = true;
    fake(0).dies_of(SIGKILL);
    plan_.fresh = true;  // the supervision has said so
  });
  ASSERT_TRUE(run().ok());
  EXPECT_TRUE(noticed("stood still after it was forked"));
  EXPECT_EQ(plan_.mode, CollectMode::each);
  EXPECT_EQ(started_, (Told{"collector", "gw0", "gw1"}));
}

TEST_F(CollectPhaseTest, SharesThatMustNotBeAreGivenUpForTheWayThatThePlanNames) {
  plan_.mode = CollectMode::sharded;
  plan_.unsharded = CollectMode::once;
  then([&] {
    phase_->refuse({"plugin x implements pytest_collection"});
    fake(0).collected({"a.py::x"});
    fake(1).collected({"b.py::x"});
  });
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(plan_.mode, CollectMode::once);
  EXPECT_EQ(started_, (Told{"gw0", "gw1", "collector"}));
  EXPECT_TRUE(noticed("plugin x implements pytest_collection"));
}

TEST_F(CollectPhaseTest, WhoEndedItsSessionInsteadIsNamedIfOthersCollected) {
  plan_.mode = CollectMode::each;
  then([&] {
    fake(0).process().done.emplace().end.code = 3;
    fake(0).ends(3);
    all_collect();
  });
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(started_.size(), 2u) << "no collection that went wrong, but a session that has ended";
  EXPECT_TRUE(noticed("gw0 ended its session before it had collected, with exit code 3; others did collect"));
}

TEST_F(CollectPhaseTest, ARunThatIsGivenUpCollectsNothingAgain) {
  plan_.mode = CollectMode::each;
  then([&] {
    comes_to(fake(0), "/r/a.py");
    fake(0).dies_of(SIGSEGV);
    all_collect();
    given_up_ = true;
  });
  ASSERT_TRUE(run().ok());
  EXPECT_EQ(started_.size(), 2u);
}

TEST_F(CollectPhaseTest, WithoutAProcessThereIsNoCollection) {
  none_to_be_had_ = true;
  for (const CollectMode mode : {CollectMode::once, CollectMode::each}) {
    plan_.mode = mode;
    EXPECT_EQ(run().error().message, "no process");
  }
}

}  // namespace
}  // namespace trun
