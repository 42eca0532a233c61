// Crew: who has a slot now, and what the end of a worker was to the test that it was at.
#include "runner/workers/crew.h"

#include <gtest/gtest.h>

#include "tests/unit/runner/fake_worker.h"

namespace trun {
namespace {

using std::chrono::seconds;

const TimePoint kBegan = TimePoint{} + std::chrono::hours(1);

class CrewTest : public testing::Test {
 protected:
  FakeWorker& add(Slot slot) {
    fakes_.push_back(std::make_unique<FakeWorker>(slot));
    crew_.adopt(fakes_.back()->release());
    return *fakes_.back();
  }

  std::vector<std::unique_ptr<FakeWorker>> fakes_;
  Crew crew_;
};

TEST_F(CrewTest, ASlotIsItsLivingWorkersWhoIsNotReplaced) {
  WorkerProcess& old = add(0).process();
  WorkerProcess& fresh = add(0).process();
  EXPECT_EQ(crew_.at(0), &old);
  old.retired = true;
  EXPECT_EQ(crew_.at(0), &fresh);
  EXPECT_EQ(crew_.leaving(0), 1u);
  fakes_[1]->ends();
  EXPECT_EQ(crew_.at(0), nullptr);
  EXPECT_EQ(crew_.latest(0), &fresh);
  EXPECT_EQ(crew_.at(1), nullptr);
}

TEST_F(CrewTest, ACollectorHasNoSlot) {
  add(0).process().collector = true;
  EXPECT_EQ(crew_.at(0), nullptr);
  EXPECT_EQ(crew_.latest(0), nullptr);
}

TEST_F(CrewTest, TheDeadAreForgottenOnceReplacedForASecondAndHeldByNobody) {
  FakeWorker& fake = add(0);
  FakeWorker& last = add(1);
  for (FakeWorker* each : {&fake, &last}) {
    each->process().done.emplace().end.code = 5;
    each->process().gone_at = kBegan;
    each->ends();
  }
  fake.process().retired = true;
  const auto nobody = [](const WorkerProcess&) { return false; };
  const auto somebody = [](const WorkerProcess&) { return true; };
  crew_.bury(kBegan + seconds(1), nobody);
  EXPECT_EQ(crew_.workers().size(), 2u) << "what it has left may come to light";
  crew_.bury(kBegan + seconds(2), somebody);
  EXPECT_EQ(crew_.workers().size(), 2u);
  crew_.bury(kBegan + seconds(2), nobody);
  ASSERT_EQ(crew_.workers().size(), 1u);
  EXPECT_EQ(crew_.workers()[0]->slot, 1u) << "the last of a slot is asked for its exit code";
  EXPECT_EQ(crew_.session_code(1), 5);
  EXPECT_EQ(crew_.session_ends().size(), 2u) << "how the forgotten one ended counts on";
}

TEST_F(CrewTest, AProcessThatItsOwnCodeEndsAfterItsTestsHasEndedItsSession) {
  FakeWorker& fake = add(0);
  fake.is_at(0, Phase::call, kBegan, kBegan);
  fake.ends(7);
  EXPECT_EQ(crew_.session_code(0), std::nullopt) << "a test was at work";
  fake.is_at(0, Phase::finish, kBegan, kBegan);
  EXPECT_EQ(crew_.session_code(0), 7) << "in a hook";
  ASSERT_EQ(crew_.session_ends().size(), 1u);
  EXPECT_EQ(crew_.session_ends()[0], (SessionEnd{7, true}));
  fake.process().done.emplace().end.code = 1;
  EXPECT_EQ(crew_.session_code(0), 7) << "in an atexit handler";
  fake.ends(0);
  EXPECT_EQ(crew_.session_code(0), 1);
  fake.ends(7);
  fake.process().lost = "trun killed it";
  EXPECT_EQ(crew_.session_code(0), 1);
}

TEST_F(CrewTest, TheDeadKeepNoDescriptors) {
  FakeWorker& fake = add(0);
  fake.ends();
  crew_.bury(kBegan, [](const WorkerProcess&) { return true; });
  EXPECT_FALSE(fake.process().channel.socket().valid());
  EXPECT_FALSE(fake.process().page.fd().valid());
}

TEST_F(CrewTest, AtWorkIsWhoIsInATestByItsPage) {
  FakeWorker& fake = add(0);
  FakeWorker& idle = add(1);
  fake.process().assigned = idle.process().assigned = {4, 9};
  fake.is_at(1, Phase::setup, kBegan + seconds(2), kBegan + seconds(1));
  idle.is_at(1, Phase::idle, kBegan, kBegan);
  const auto running = crew_.at_work();
  ASSERT_EQ(running.size(), 1u);
  EXPECT_EQ(running[0].item, 9u);
  EXPECT_EQ(running[0].phase, Phase::setup);
}

/// A worker that was given items 4 and 9, has delivered the first, and dies at the second.
class LastMomentTest : public CrewTest {
 protected:
  LastMomentTest() {
    worker().assigned = {4, 9};
    worker().delivered = 1;
    fake_.is_at(1, Phase::call, kBegan + seconds(2), kBegan);
    fake_.dies_of(11);
  }

  WorkerProcess& worker() { return fake_.process(); }
  worker_event::Exited end() { return Crew::last_moment(worker()); }

  FakeWorker& fake_ = add(3);
};

TEST_F(LastMomentTest, ASignalIsACrashInTheTestAndPhaseOfThePage) {
  const worker_event::Exited event = end();
  EXPECT_EQ(event.slot, 3u);
  EXPECT_EQ(event.current, std::optional<ItemIndex>(9));
  EXPECT_EQ(outcome_reason(event.verdict), "crashed (signal 11, SIGSEGV) in call");
}

// Its set-up is part of how long it was.
TEST_F(LastMomentTest, TheTestStartedWithItsSetUpWhateverItWasAt) {
  for (const Phase phase : {Phase::setup, Phase::call, Phase::teardown, Phase::idle}) {
    fake_.is_at(1, phase, kBegan + seconds(2), kBegan);
    EXPECT_EQ(end().started, kBegan);
  }
}

TEST_F(LastMomentTest, AnExitUnderATestIsPremature) {
  fake_.ends(3);
  const worker_event::Exited event = end();
  ASSERT_TRUE(std::holds_alternative<outcome::PrematureExit>(event.verdict));
  EXPECT_EQ(std::get<outcome::PrematureExit>(event.verdict).code, 3);
}

TEST_F(LastMomentTest, WhyTrunOrTheKernelKilledItComesBeforeTheSignal) {
  worker().starved = "the kernel's words";
  EXPECT_TRUE(std::holds_alternative<outcome::OutOfMemory>(end().verdict));
  worker().lost = "it spoke nonsense";
  EXPECT_TRUE(std::holds_alternative<outcome::WorkerLost>(end().verdict));
  worker().stopping.emplace().verdict = outcome::TimedOut{};
  EXPECT_TRUE(std::holds_alternative<outcome::TimedOut>(end().verdict));
}

TEST_F(LastMomentTest, AllDeliveredNoTestWasAtWork) {
  worker().delivered = 2;
  EXPECT_EQ(end().current, std::nullopt);
}

TEST_F(LastMomentTest, BetweenTwoTestsNoneIsToBlame) {
  fake_.is_at(0, Phase::idle, kBegan, kBegan);
  EXPECT_EQ(end().current, std::nullopt) << "the page speaks of the one before";
}

// Its whole session is over: what is queued there was not started.
TEST_F(LastMomentTest, ASessionThatEndedByItsOwnWordWasBetweenTests) {
  worker().done.emplace();
  EXPECT_EQ(end().current, std::nullopt);
  worker().done.reset();
  worker().stopped.emplace();
  EXPECT_EQ(end().current, std::nullopt);
  worker().stopping.emplace().ordinal = 1;
  EXPECT_EQ(end().current, std::optional<ItemIndex>(9)) << "unless trun ended it for that test";
}

// A test that closes the descriptors of its worker ends the session, and would go on to the next worker, and the next.
TEST_F(LastMomentTest, ATestThatIsOverByThePageAndOfWhichNothingCameIsToBlame) {
  fake_.is_at(1, Phase::idle, kBegan, kBegan);
  const worker_event::Exited event = end();
  EXPECT_EQ(event.current, std::optional<ItemIndex>(9));
  EXPECT_EQ(outcome_reason(event.verdict), "crashed (signal 11, SIGSEGV) in teardown");
}

TEST_F(LastMomentTest, OfASpoiledPageTheNextTestIsTaken) {
  fake_.spoils_its_page();
  EXPECT_EQ(end().current, std::nullopt) << "it died, and nobody says of what";
  worker().lost = "nonsense on the status page";
  EXPECT_EQ(end().current, std::optional<ItemIndex>(9));
}

TEST_F(LastMomentTest, WhoStoodStillAfterAForkIsToBlameForNothing) {
  worker().stood_still = true;
  EXPECT_EQ(end().current, std::nullopt);
}

}  // namespace
}  // namespace trun
