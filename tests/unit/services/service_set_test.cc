#include "runner/services/lifecycle/service_set.h"

#include <gtest/gtest.h>

#include "tests/unit/services/service_text.h"

namespace trun {
namespace {

using service_event::CheckFailed;
using service_event::CheckPassed;
using service_event::Exited;
using service_event::Launched;
using service_event::LaunchFailed;
using service_event::Reused;
using service_event::StopAll;
using service_event::Unhealthy;
using service_event::Wanted;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// A set and a clock that goes when it is told to.
class ServiceSetTest : public testing::Test {
 protected:
  void make(std::vector<ServiceTerms> terms) { set_ = std::make_unique<ServiceSet>(std::move(terms), seconds(4)); }
  std::string feed(const ServiceEvent& event) { return text(set_->handle(event, now_)); }
  std::string after(Duration time) {
    now_ += time;
    return text(set_->tick(now_));
  }
  ServiceState state(ServiceIndex service) const { return set_->state(service); }

  std::unique_ptr<ServiceSet> set_;
  TimePoint now_{seconds(100)};
};

ServiceTerms named(std::string name, std::vector<ServiceIndex> needs = {}) {
  ServiceTerms terms;
  terms.name = std::move(name);
  terms.needs = std::move(needs);
  terms.check = "tcp";
  return terms;
}

TEST(ServiceTermsTest, WhatIsReadyOnceItRunsHasNoCheckUnlessSomethingIsRunBefore) {
  ServiceOptions declared;
  EXPECT_FALSE(terms_of({}, declared).has_check);
  declared.init = {"fill"};
  EXPECT_TRUE(terms_of({}, declared).has_check);
  declared.init.clear();
  declared.ready.kind = ReadyCheck::Kind::tcp;
  EXPECT_TRUE(terms_of({}, declared).has_check);
}

TEST(ServiceTermsTest, AHealthCheckBeforeReuseTakesNoLongerThanAStartAndFiveSeconds) {
  ServiceOptions declared;
  EXPECT_EQ(terms_of({}, declared).reuse_deadline, seconds(5));
  declared.ready.deadline = seconds(2);
  EXPECT_EQ(terms_of({}, declared).reuse_deadline, seconds(2));
}

TEST_F(ServiceSetTest, WhatNobodyWantsIsNotStarted) {
  make({named("db"), named("api", {0})});
  EXPECT_EQ(after(seconds(100)), "");
  EXPECT_TRUE(set_->settled());
  EXPECT_TRUE(set_->all_gone());
}

TEST_F(ServiceSetTest, BecomesReadyByItsCheck) {
  make({named("db")});
  EXPECT_EQ(feed(Wanted{{0}}), "launch 0; ");
  EXPECT_EQ(feed(Launched{0}), "check 0; ");
  EXPECT_EQ(feed(CheckFailed{0, "refused"}), "");
  EXPECT_EQ(after(milliseconds(99)), "");
  EXPECT_EQ(after(milliseconds(1)), "check 0; ");
  EXPECT_FALSE(set_->settled());
  EXPECT_EQ(feed(CheckPassed{0}), "ready 0 after 100 ms; ");
  EXPECT_TRUE(set_->settled());
  EXPECT_FALSE(set_->next());
}

TEST_F(ServiceSetTest, WithoutACheckItIsReadyOnceItRuns) {
  ServiceTerms terms = named("db");
  terms.has_check = false;
  make({terms});
  EXPECT_EQ(feed(Wanted{{0}}), "launch 0; ");
  EXPECT_EQ(feed(Launched{0}), "ready 0 after 0 ms; ");
}

TEST_F(ServiceSetTest, WhatItNeedsIsStartedFirst) {
  make({named("db"), named("api", {0})});
  EXPECT_EQ(feed(Wanted{{1}}), "launch 0; ");
  feed(Launched{0});
  EXPECT_EQ(feed(CheckPassed{0}), "ready 0 after 0 ms; launch 1; ");
}

TEST_F(ServiceSetTest, AnEarlierPhaseIsABarrier) {
  ServiceTerms late = named("api");
  ServiceTerms early = named("db");
  early.phase = ServicePhase::databases;
  make({late, early, named("unwanted")});
  EXPECT_EQ(feed(Wanted{{0}}), "launch 0; ");
  make({late, early});
  EXPECT_EQ(feed(Wanted{{0, 1}}), "launch 1; ");
  feed(Launched{1});
  EXPECT_EQ(feed(CheckPassed{1}), "ready 1 after 0 ms; launch 0; ");
}

TEST_F(ServiceSetTest, WhoFailsOpensTheBarrierAndFailsItsUsers) {
  ServiceTerms early = named("db");
  early.phase = ServicePhase::databases;
  make({early, named("api", {0}), named("mail")});
  feed(Wanted{{1}});
  feed(Wanted{{2}});
  EXPECT_EQ(feed(LaunchFailed{0, "cannot start x: no such file"}),
            "failed 0 (cannot start x: no such file); "
            "failed 1 (needs db, which cannot start x: no such file); launch 2; ");
}

TEST_F(ServiceSetTest, OneThatIsLateHasFailedAndIsStopped) {
  make({named("db")});
  feed(Wanted{{0}});
  feed(Launched{0});
  feed(CheckFailed{0, "connection refused"});
  EXPECT_EQ(after(seconds(29)), "check 0; ");
  EXPECT_EQ(after(seconds(1)),
            "failed 0 (was not ready 30 s after its start: its tcp check says: connection refused); terminate 0; ");
  EXPECT_EQ(after(milliseconds(2999)), "");
  EXPECT_EQ(after(milliseconds(1)), "kill 0; ");
  EXPECT_EQ(after(seconds(10)), "");
  EXPECT_EQ(feed(Exited{0, "signal 9 (SIGKILL)"}), "");
  EXPECT_EQ(state(0), ServiceState::failed);
  EXPECT_TRUE(set_->all_gone());
}

TEST_F(ServiceSetTest, ACheckThatNeverAnswersMakesItLateToo) {
  make({named("db")});
  feed(Wanted{{0}});
  feed(Launched{0});
  EXPECT_EQ(*set_->next(), now_ + seconds(30));
  EXPECT_EQ(after(seconds(30)),
            "failed 0 (was not ready 30 s after its start: its tcp check never answered); terminate 0; ");
}

TEST_F(ServiceSetTest, OneThatEndsEarlyHasFailedWhateverItsRestarts) {
  ServiceTerms terms = named("db");
  terms.restarts = 3;
  make({terms});
  feed(Wanted{{0}});
  feed(Launched{0});
  EXPECT_EQ(feed(Exited{0, "exit 1"}), "failed 0 (ended (exit 1) before it was ready); ");
}

TEST_F(ServiceSetTest, WhoDiesIsStartedAgainAsOftenAsAllowed) {
  ServiceTerms terms = named("db");
  terms.restarts = 1;
  terms.has_check = false;
  make({terms});
  feed(Wanted{{0}});
  feed(Launched{0});
  EXPECT_EQ(feed(Exited{0, "exit 2"}), "died 0 (died (exit 2)); launch 0; ");
  EXPECT_FALSE(set_->settled());
  EXPECT_EQ(feed(Launched{0}), "ready 0 after 0 ms; ");
  EXPECT_EQ(feed(Exited{0, "exit 2"}), "failed 0 (died (exit 2); it was started again 1 times before); ");
}

TEST_F(ServiceSetTest, OneThatDiesWithoutRestartsHasFailed) {
  make({named("db")});
  feed(Wanted{{0}});
  feed(Launched{0});
  feed(CheckPassed{0});
  EXPECT_EQ(feed(Exited{0, "signal 9 (SIGKILL)"}), "failed 0 (died (signal 9 (SIGKILL))); ");
  EXPECT_EQ(feed(Reused{0}), "");
}

TEST_F(ServiceSetTest, HealthIsLookedAtBeforeReuse) {
  make({named("db")});
  EXPECT_EQ(feed(Reused{0}), "");
  feed(Wanted{{0}});
  feed(Launched{0});
  feed(CheckPassed{0});
  now_ += seconds(50);
  EXPECT_EQ(feed(Reused{0}), "check 0; ");
  EXPECT_EQ(feed(Reused{0}), "");  // one answer is for both
  EXPECT_EQ(feed(CheckPassed{0}), "ready 0 after 50000 ms; ");
}

TEST_F(ServiceSetTest, TheUnhealthyIsEndedAndStartedAgain) {
  ServiceTerms terms = named("db");
  terms.restarts = 1;
  make({terms});
  feed(Wanted{{0}});
  feed(Launched{0});
  feed(CheckPassed{0});
  feed(Reused{0});
  feed(CheckFailed{0, "503"});
  EXPECT_EQ(after(seconds(5)), "died 0 (is not healthy any more: within 5 s its tcp check says: 503); terminate 0; ");
  EXPECT_EQ(state(0), ServiceState::ending);
  EXPECT_EQ(feed(Exited{0, "exit 0"}), "launch 0; ");
  EXPECT_EQ(feed(Launched{0}), "check 0; ");
}

TEST_F(ServiceSetTest, OneThatTakesTooMuchIsEnded) {
  make({named("db"), named("api", {0})});
  feed(Wanted{{1}});
  feed(Launched{0});
  EXPECT_EQ(feed(Unhealthy{0, "held 2 GB, more than its limit of 1 GB"}),
            "failed 0 (held 2 GB, more than its limit of 1 GB); "
            "failed 1 (needs db, which held 2 GB, more than its limit of 1 GB); terminate 0; ");
}

TEST_F(ServiceSetTest, UsersAreStoppedBeforeWhatTheyUse) {
  ServiceTerms cache = named("cache"), db = named("db"), api = named("api", {1}), web = named("web", {2});
  db.phase = ServicePhase::databases;
  for (ServiceTerms* each : {&cache, &db, &api, &web}) each->has_check = false;
  make({cache, db, api, web});
  for (ServiceIndex i : {1u, 0u, 2u, 3u}) {
    feed(Wanted{{i}});
    feed(Launched{i});
  }
  EXPECT_EQ(feed(StopAll{}), "terminate 0; terminate 3; ");
  EXPECT_EQ(feed(Exited{3, "exit 0"}), "stopped 3; terminate 2; ");
  EXPECT_EQ(feed(Exited{2, "exit 0"}), "stopped 2; ");
  EXPECT_EQ(feed(Exited{0, "exit 0"}), "stopped 0; terminate 1; ");
  EXPECT_EQ(feed(Exited{1, "exit 0"}), "stopped 1; ");
  EXPECT_TRUE(set_->all_gone());
}

TEST_F(ServiceSetTest, WhoDoesNotStopIsKilledAndTheLimitIsForAll) {
  ServiceTerms db = named("db"), api = named("api", {0});
  db.has_check = api.has_check = false;
  make({db, api});
  feed(Wanted{{1}});
  feed(Launched{0});
  feed(Launched{1});
  EXPECT_EQ(feed(StopAll{}), "terminate 1; ");
  EXPECT_EQ(after(seconds(3)), "kill 1; ");
  EXPECT_EQ(feed(Exited{1, "signal 9 (SIGKILL)"}), "stopped 1; terminate 0; ");
  EXPECT_EQ(*set_->next(), now_ + seconds(1));  // not its grace of 3 s: all are to be gone after 4 s
  EXPECT_EQ(after(seconds(1)), "kill 0; ");
}

TEST_F(ServiceSetTest, AtTheLimitAllAreKilledInWhateverOrder) {
  ServiceTerms db = named("db"), api = named("api", {0});
  db.has_check = api.has_check = false;
  make({db, api});
  feed(Wanted{{1}});
  feed(Launched{0});
  feed(Launched{1});
  feed(StopAll{});
  after(seconds(3));  // killed, and does not die
  EXPECT_EQ(after(seconds(1)), "terminate 0; kill 0; ");
}

TEST_F(ServiceSetTest, NothingIsStartedAfterTheStop) {
  make({named("db"), named("api", {0}), named("other")});
  feed(Wanted{{1}});
  EXPECT_EQ(feed(StopAll{}), "");
  EXPECT_EQ(feed(Wanted{{2}}), "");
  EXPECT_EQ(feed(Launched{0}), "terminate 0; ");  // it was on its way
  EXPECT_EQ(feed(Exited{0, "exit 0"}), "stopped 0; ");
  EXPECT_EQ(state(1), ServiceState::stopped);
  EXPECT_EQ(state(2), ServiceState::stopped);
}

TEST_F(ServiceSetTest, AnEndWhileAllStopIsNoFailure) {
  ServiceTerms db = named("db"), api = named("api", {0});
  db.has_check = api.has_check = false;
  make({db, api});
  feed(Wanted{{1}});
  feed(Launched{0});
  feed(Launched{1});
  feed(StopAll{});
  EXPECT_EQ(feed(Exited{0, "exit 0"}), "stopped 0; ");
}

TEST_F(ServiceSetTest, NobodyIsLateForAPause) {
  make({named("db")});
  feed(Wanted{{0}});
  feed(Launched{0});
  feed(CheckFailed{0, "refused"});
  now_ += seconds(60);
  set_->paused(seconds(60));
  EXPECT_EQ(after(milliseconds(100)), "check 0; ");
}

}  // namespace
}  // namespace trun
