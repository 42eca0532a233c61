// RunPhase between scheduler and workers, without processes: what workers are told, when a slot changes hands, and
// whose end means what to the scheduler.
#include "runner/engine/run_phase.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "tests/unit/runner/fake_worker.h"
#include "tests/unit/scheduler/collections.h"

namespace trun {
namespace {

using Told = std::vector<std::string>;

class RunPhaseTest : public testing::Test {
 protected:
  /// `words`: the collection ("a:3 b:2"). REQUIRES: options_ and one_at_a_time_ are set.
  void begin(const std::string& words) { begin(collection_of(words)); }
  void begin(Collection collection) {
    collection_ = std::move(collection);
    page_ = RunPage::create(4).value();
    narrator_.listen([this](RunEvent& event) {
      if (const auto* finished = std::get_if<event::TestFinished>(&event))
        verdicts_.push_back(std::to_string(finished->result.item) + " " +
                            std::string(outcome_name(finished->result.outcome)));
    });
    phase_ = std::make_unique<RunPhase>(
        RunPhase::Context{collection_, crew_, page_, narrator_, "/r",
                          [this](Slot slot, const auto& only) { return start(slot, only); }, one_at_a_time_},
        options_);
  }

  /// What the engine's factory does: a process, or none.
  Result<WorkerProcess*> start(Slot slot, const std::vector<std::string>& only) {
    std::string& text = started_.emplace_back(worker_name(slot));
    for (const std::string& path : only) text += " " + path;
    if (none_to_be_had_) return internal_error("no process");
    return &add(slot).process();
  }
  FakeWorker& add(Slot slot) {
    fakes_.push_back(std::make_unique<FakeWorker>(slot));
    crew_.adopt(fakes_.back()->release());
    return *fakes_.back();
  }
  /// A worker that has everything and waits for work.
  FakeWorker& add_ready(Slot slot) {
    FakeWorker& fake = add(slot);
    fake.collected({});
    phase_->ready(fake.process());
    return fake;
  }
  /// It has run the oldest test of its queue.
  void passes(FakeWorker& fake) {
    WorkerProcess& worker = fake.process();
    phase_->push(worker_event::Finished{worker.slot, passed(worker.assigned[worker.delivered++], worker.slot)});
    phase_->heard(worker);
    phase_->drain();
  }
  void dies(FakeWorker& fake) {
    fake.dies_of(SIGKILL);
    phase_->exited(fake.process(), {fake.process().slot, std::nullopt, {}, {}, {}, {}, {}, false});
    phase_->drain();
  }
  void ends(FakeWorker& fake) {
    fake.process().done.emplace();
    fake.ends();
    phase_->exited(fake.process(), {fake.process().slot, std::nullopt, {}, {}, {}, {}, {}, false});
    phase_->drain();
  }

  SchedulerOptions options_;
  bool one_at_a_time_ = false, none_to_be_had_ = false;
  Collection collection_;
  Crew crew_;
  RunPage page_;
  Narrator narrator_;
  std::vector<std::unique_ptr<FakeWorker>> fakes_;
  Told started_, verdicts_;
  std::unique_ptr<RunPhase> phase_;
};

TEST_F(RunPhaseTest, ItemsAreAssignedByNodeIdAndKeptByIndex) {
  begin("a:2");
  FakeWorker& fake = add_ready(0);
  phase_->drain();
  EXPECT_EQ(fake.told(), (Told{"assign a.py::test_0 a.py::test_1 end"}));
  EXPECT_EQ(fake.process().assigned, (std::vector<ItemIndex>{0, 1}));
  passes(fake);
  passes(fake);
  EXPECT_TRUE(phase_->done());
  EXPECT_EQ(verdicts_, (Told{"0 passed", "1 passed"}));
  EXPECT_EQ(fake.told(), Told{"finish"});
}

TEST_F(RunPhaseTest, AFrameNamesWhichOfItsTestsWantServices) {
  Collection collection = collection_of("a:1 b:1");
  collection.items[1].demands.services = {"db"};
  begin(std::move(collection));
  FakeWorker& fake = add_ready(0);
  phase_->drain();
  ASSERT_EQ(fake.told(), (Told{"assign a.py::test_0 b.py::test_0 end"}));
  EXPECT_EQ(fake.last_frame().at("services"), boost::json::array({"b.py::test_0"}));
}

TEST_F(RunPhaseTest, AFrameHasTheUnitsThatItsTestHolds) {
  options_.resources = {{"gpu", 2}};
  Collection collection = collection_of("a:1");
  collection.items[0].demands.resources.emplace_back().name = "gpu";
  begin(std::move(collection));
  FakeWorker& fake = add_ready(0);
  phase_->drain();
  ASSERT_EQ(fake.told().size(), 1u);
  EXPECT_EQ(boost::json::serialize(fake.last_frame().at("leases")), R"({"a.py::test_0":{"gpu":[0]}})");
}

// Services are started between collection and run phase, and that takes its time.
TEST_F(RunPhaseTest, WhoDiedSinceItCollectedIsReplaced) {
  begin("a:1");
  FakeWorker& fake = add(0);
  fake.collected({"a.py::test_0"});
  fake.dies_of(SIGSEGV);
  phase_->take_in(fake.process());
  phase_->drain();
  EXPECT_EQ(started_, Told{"gw0"});
  EXPECT_TRUE(verdicts_.empty()) << "no test was at work";
}

TEST_F(RunPhaseTest, WhereNoProcessCanBeMadeTestsFindNoWorker) {
  begin("a:2");
  none_to_be_had_ = true;
  phase_->start(0);
  phase_->drain();
  EXPECT_EQ(verdicts_, (Told{"0 not_run", "1 not_run"}));
  EXPECT_TRUE(phase_->done());
}

TEST_F(RunPhaseTest, WhatAWorkerGivesBackIsNotItsOwnAnyMore) {
  begin("a:3");
  FakeWorker& fake = add_ready(0);
  phase_->drain();
  passes(fake);
  EXPECT_TRUE(phase_->gave_back(fake.process(), {2, event::WorkerRecycled::Cause::memory, "1 GB"}));
  EXPECT_EQ(fake.process().assigned, (std::vector<ItemIndex>{0, 1}));
  EXPECT_TRUE(fake.process().worn);
  phase_->drain();
  fake.told();
  passes(fake);
  for (const std::string& told : fake.told()) EXPECT_EQ(told.find("test_2"), std::string::npos) << told;
  EXPECT_EQ(started_, Told{"gw0"}) << "a fresh process runs it";
}

TEST_F(RunPhaseTest, GivingBackWhatWasDeliveredOrNeverHadIsNonsense) {
  begin("a:2");
  FakeWorker& fake = add_ready(0);
  phase_->drain();
  passes(fake);
  EXPECT_FALSE(phase_->gave_back(fake.process(), {0, {}, ""}));
  EXPECT_FALSE(phase_->gave_back(fake.process(), {3, {}, ""}));
  EXPECT_EQ(fake.process().assigned.size(), 2u);
  EXPECT_FALSE(fake.process().worn);
}

TEST_F(RunPhaseTest, WhoHasNoSlotAnyMoreGivesNothingBack) {
  begin("a:2");
  FakeWorker& fake = add_ready(0);
  phase_->drain();
  fake.process().retired = true;
  EXPECT_TRUE(phase_->gave_back(fake.process(), {1, {}, ""})) << "no nonsense, it was said before it knew";
  EXPECT_EQ(fake.process().assigned.size(), 2u);
}

TEST_F(RunPhaseTest, TheEndOfWhoWasReplacedIsNotThatOfItsSlot) {
  begin("a:2");
  FakeWorker& old = add_ready(0);
  phase_->drain();
  old.process().retired = true;
  dies(old);
  EXPECT_TRUE(started_.empty());
}

// The collecting process ends its session, and has no slot of which something could be dropped.
TEST_F(RunPhaseTest, AStopThatACollectorAsksForStopsTheRun) {
  begin("a:2");
  FakeWorker& collector = add(0);
  collector.process().collector = true;
  FakeWorker& fake = add_ready(0);
  phase_->drain();
  phase_->session_stopped(collector.process(), "shouldstop");
  phase_->drain();
  EXPECT_TRUE(page_.stopped());
  EXPECT_FALSE(phase_->done()) << "what the worker had begun it ends";
  EXPECT_EQ(fake.process().assigned.size(), 2u);
}

TEST_F(RunPhaseTest, WhoLivesOnForOthersWithTestsLeftHasStopped) {
  begin("a:2");
  FakeWorker& fake = add_ready(0);
  phase_->drain();
  phase_->lingers(fake.process());
  phase_->drain();
  EXPECT_TRUE(page_.stopped());
  EXPECT_TRUE(phase_->done()) << "nobody waits for it here";
}

/// Each process runs one test: a slot with two of them changes hands once.
class SlotChangeTest : public RunPhaseTest {
 protected:
  /// Up to the moment at which the first process has run its test.
  void begin_change(bool one_at_a_time) {
    one_at_a_time_ = one_at_a_time;
    options_.max_tests_per_worker = 1;
    begin("a:2");
    old_ = &add_ready(0);
    phase_->drain();
  }
  FakeWorker& fresh() { return *fakes_.back(); }
  void fresh_is_ready() {
    fresh().collected({});
    phase_->ready(fresh().process());
    phase_->drain();
  }

  FakeWorker* old_ = nullptr;
};

TEST_F(SlotChangeTest, TheOldOneIsClosedAndToldToFinishAndAFreshOneStarted) {
  begin_change(false);
  EXPECT_EQ(old_->told(), (Told{"assign a.py::test_0 end", "assign end", "finish"}));
  EXPECT_TRUE(old_->process().retired);
  EXPECT_EQ(started_, Told{"gw0"});
}

TEST_F(SlotChangeTest, TheFreshOneGetsWorkOnceTheOldOneHasRunOutItsQueue) {
  begin_change(false);
  fresh_is_ready();
  EXPECT_EQ(fresh().told(), Told{}) << "the old one has a test in hand";
  passes(*old_);
  EXPECT_EQ(fresh().told(), Told{"assign a.py::test_1 end"}) << "while the old one ends its session";
}

TEST_F(SlotChangeTest, TheFreshOneGetsWorkOnceItHasCollected) {
  begin_change(false);
  passes(*old_);
  ends(*old_);
  EXPECT_EQ(fresh().told(), Told{});
  fresh_is_ready();
  EXPECT_EQ(fresh().told(), Told{"assign a.py::test_1 end"});
}

// What conftests make and drop for a worker has its name.
TEST_F(SlotChangeTest, WhereOneOfANameLivesAtATimeTheFreshOneStartsAfterTheEndOfTheOld) {
  begin_change(true);
  EXPECT_TRUE(started_.empty());
  passes(*old_);
  EXPECT_TRUE(started_.empty()) << "it ends its session";
  ends(*old_);
  EXPECT_EQ(started_, Told{"gw0"});
  fresh_is_ready();
  EXPECT_EQ(fresh().told(), Told{"assign a.py::test_1 end"});
}

TEST_F(SlotChangeTest, NothingIsStartedForASlotThatWasToldToFinish) {
  begin_change(true);
  passes(*old_);
  phase_->push(worker_event::StopRequested{"KeyboardInterrupt"});
  phase_->drain();
  ends(*old_);
  EXPECT_TRUE(started_.empty()) << "it would be told nothing, and would wait for ever";
  EXPECT_TRUE(phase_->done());
}

TEST_F(SlotChangeTest, WhereTheOldOneDiesWithWorkInHandTheSlotsWorkerHasDied) {
  begin_change(false);
  FakeWorker& dismissed = fresh();
  dies(*old_);
  EXPECT_TRUE(dismissed.process().retired) << "it is not who the scheduler asks for";
  EXPECT_EQ(started_, (Told{"gw0", "gw0"}));
  dismissed.collected({});
  phase_->ready(dismissed.process());
  dies(dismissed);
  EXPECT_EQ(dismissed.told(), Told{});
  EXPECT_EQ(started_.size(), 2u) << "nor does its end mean anything";
}

TEST_F(SlotChangeTest, WhereTheFreshOneDiesTheOldOneRunsOutItsQueueFirst) {
  begin_change(false);
  dies(fresh());
  EXPECT_EQ(started_.size(), 1u);
  passes(*old_);
  ends(*old_);
  EXPECT_EQ(started_.size(), 2u) << "then the slot has no worker, and gets one";
  EXPECT_EQ(verdicts_, Told{"0 passed"});
}

TEST_F(RunPhaseTest, AfterAnExceptionEachVerdictThatHasComeIsToldOnce) {
  begin("a:3");
  FakeWorker& fake = add_ready(0);
  phase_->drain();
  passes(fake);
  phase_->push(worker_event::Finished{0, passed(0, 0)});  // told already
  phase_->push(worker_event::Finished{0, failed(1, 0)});
  phase_->push(worker_event::Exited{0, ItemIndex{2}, outcome::Crashed{SIGSEGV, Phase::call}, {}, {}, {}, {}, false});
  phase_->tell_rest();
  EXPECT_EQ(verdicts_, (Told{"0 passed", "1 failed", "2 crashed"}));
}

}  // namespace
}  // namespace trun
