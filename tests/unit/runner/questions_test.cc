#include "runner/workers/questions.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <memory>

#include "runner/workers/once_fixtures.h"
#include "runner/workers/worker_process.h"

namespace trun {
namespace {

/// A worker process without a process: what the engine sends it can be read here.
class FakeWorker {
 public:
  explicit FakeWorker(Slot slot) {
    auto pair = posix::socket_pair().value();
    theirs_ = std::move(pair.theirs);
    (void)posix::set_nonblocking(pair.ours);
    process.slot = slot;
    process.channel = Channel(std::move(pair.ours));
  }

  /// What has arrived since the last call, a payload a line.
  std::string heard() {
    char buffer[1 << 14];
    const ssize_t size = ::recv(theirs_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (size > 0) decoder_.feed({buffer, static_cast<std::size_t>(size)});
    std::string text;
    for (auto next = decoder_.next(); next.ok() && *next; next = decoder_.next()) text += std::string(**next) + "\n";
    return text;
  }

  WorkerProcess process;

 private:
  Fd theirs_;
  FrameDecoder decoder_;
};

TEST(QuestionsTest, AnAnswerMayComeMuchLater) {
  Questions questions;
  std::vector<Questions::Ticket> tickets;
  questions.on("service",
               [&](Questions::Ticket ticket, WorkerProcess&, const JsonText&) { tickets.push_back(ticket); });
  FakeWorker one(0), two(1);
  questions.ask(one.process, {7, "service", "{}"});
  questions.ask(two.process, {7, "service", "{}"});
  EXPECT_EQ(one.heard(), "");
  questions.answer(tickets[1], "[1]");
  EXPECT_EQ(two.heard(), "{\"t\":\"answer\",\"id\":7,\"value\":[1],\"error\":null,\"fds\":0}\n");
  EXPECT_EQ(one.heard(), "");
  questions.refuse(tickets[0], "it did not get ready");
  EXPECT_EQ(one.heard(), "{\"t\":\"answer\",\"id\":7,\"value\":null,\"error\":\"it did not get ready\",\"fds\":0}\n");
  questions.answer(tickets[0], "2");
  EXPECT_EQ(one.heard(), "") << "one answer a question";
}

TEST(QuestionsTest, AKindThatNobodyAnswersIsRefusedAtOnce) {
  Questions questions;
  FakeWorker worker(0);
  questions.ask(worker.process, {1, "weather", "{}"});
  EXPECT_NE(worker.heard().find("trun has no answer to the question 'weather'"), std::string::npos);
}

TEST(QuestionsTest, AnAnswerWhoseDescriptorsCannotBeCopiedIsARefusal) {
  Questions questions;
  questions.on("ports", [&](Questions::Ticket ticket, WorkerProcess&, const JsonText&) {
    questions.answer(ticket, "[8000]", {-1});
  });
  FakeWorker worker(0);
  questions.ask(worker.process, {3, "ports", "{}"});
  EXPECT_EQ(worker.heard(),
            "{\"t\":\"answer\",\"id\":3,\"value\":null,\"error\":\"cannot copy a descriptor for a frame: Bad file "
            "descriptor\",\"fds\":0}\n");
}

TEST(QuestionsTest, TheDeadNeedNoAnswer) {
  Questions questions;
  Questions::Ticket ticket = 0;
  questions.on("port", [&](Questions::Ticket asked, WorkerProcess&, const JsonText&) { ticket = asked; });
  {
    FakeWorker worker(0);
    questions.ask(worker.process, {1, "port", "{}"});
    questions.forget(worker.process);
  }
  questions.answer(ticket, "1");  // must not touch the worker
}

class OnceFixturesTest : public testing::Test {
 protected:
  void ask(FakeWorker& worker, const std::string& name, const std::string& more = "") {
    questions_.ask(worker.process, {++id_, name, R"({"key":"k","fixture":"db")" + more + "}"});
  }
  void end(FakeWorker& worker) {
    once_.gone(worker.process);
    questions_.forget(worker.process);
  }
  /// What the answer that has come says: "owner", "value", "failure", "done" or "nothing".
  static std::string answer(FakeWorker& worker) {
    const std::string heard = worker.heard();
    if (heard.empty()) return "nothing";
    if (heard.find("\"owner\":true") != std::string::npos) return "owner";
    if (heard.find("\"failure\":[") != std::string::npos) return "failure";
    if (heard.find("\"owner\":false") != std::string::npos) return "value";
    return heard.find("\"error\":null") != std::string::npos ? "done" : heard;
  }

  Questions questions_;
  std::vector<std::string> warnings_;
  OnceFixtures once_{questions_, [this](std::string text) { warnings_.push_back(std::move(text)); }};
  FakeWorker a_{0}, b_{1}, c_{2};
  std::uint64_t id_ = 0;
};

TEST_F(OnceFixturesTest, TheFirstExecutesAndTheOthersWaitForItsValue) {
  ask(a_, "once");
  EXPECT_EQ(answer(a_), "owner");
  ask(b_, "once");
  EXPECT_EQ(answer(b_), "nothing");
  ask(a_, "once_made", R"(,"value":"djE=")");
  EXPECT_EQ(answer(a_), "done");
  EXPECT_NE(b_.heard().find(R"("value":{"owner":false,"value":"djE=","failure":null})"), std::string::npos);
  ask(c_, "once");
  EXPECT_EQ(answer(c_), "value");
}

TEST_F(OnceFixturesTest, WhileTestsRunTheOwnerStaysForThoseThatWillAsk) {
  ask(a_, "once");
  ask(a_, "once_made", R"(,"value":"djE=")");
  (void)a_.heard();
  ask(a_, "once_alone");
  EXPECT_EQ(answer(a_), "nothing");
  EXPECT_TRUE(a_.process.lingers);
  ask(b_, "once");
  EXPECT_EQ(answer(b_), "value");
  once_.tests_are_over();
  EXPECT_EQ(answer(a_), "nothing");
  end(b_);
  EXPECT_EQ(answer(a_), "done");
}

TEST_F(OnceFixturesTest, TheOwnerIsLetGoByTheLastUser) {
  once_.tests_are_over();
  ask(a_, "once");
  ask(a_, "once_made", R"(,"value":"djE=")");
  ask(b_, "once");
  ask(c_, "once");
  (void)a_.heard();
  ask(a_, "once_alone");
  EXPECT_TRUE(a_.process.lingers);
  ask(b_, "once_left");
  EXPECT_EQ(answer(a_), "nothing");
  end(c_);
  EXPECT_EQ(answer(a_), "done") << "a user that dies uses nothing any more";
  (void)b_.heard();
  ask(b_, "once");
  EXPECT_EQ(answer(b_), "owner") << "it is gone: whoever needs it again executes it again";
}

TEST_F(OnceFixturesTest, WithoutUsersTheOwnerNeedNotWait) {
  once_.tests_are_over();
  ask(a_, "once");
  ask(a_, "once_made", R"(,"value":"djE=")");
  (void)a_.heard();
  ask(a_, "once_alone");
  EXPECT_EQ(answer(a_), "done");
  EXPECT_FALSE(a_.process.lingers);
}

TEST_F(OnceFixturesTest, AFailureIsGivenToAllAndExecutedNoMore) {
  ask(a_, "once");
  ask(b_, "once");
  ask(a_, "once_made", R"(,"failure":["fail","no such host"])");
  EXPECT_EQ(answer(b_), "failure");
  end(a_);
  EXPECT_TRUE(warnings_.empty());
  ask(c_, "once");
  EXPECT_EQ(answer(c_), "failure");
}

TEST_F(OnceFixturesTest, WhenTheOwnerDiesTheNextThatWaitsExecutes) {
  ask(a_, "once");
  ask(b_, "once");
  ask(c_, "once");
  end(a_);
  EXPECT_EQ(answer(b_), "owner");
  EXPECT_EQ(answer(c_), "nothing");
  ASSERT_EQ(warnings_.size(), 1u);
  EXPECT_EQ(warnings_[0],
            "gw0, which was executing the once-fixture 'db', died: it is executed anew for the next that needs it");
  ask(b_, "once_made", R"(,"value":"djI=")");
  EXPECT_EQ(answer(c_), "value");
}

TEST_F(OnceFixturesTest, WhenTheOwnerDiesLaterItsUsersGoOn) {
  ask(a_, "once");
  ask(a_, "once_made", R"(,"value":"djE=")");
  ask(b_, "once");
  end(a_);
  EXPECT_NE(warnings_.at(0).find("had executed the once-fixture 'db', died"), std::string::npos);
  EXPECT_NE(warnings_.at(0).find("workers that have its value go on with it"), std::string::npos);
  ask(c_, "once");
  EXPECT_EQ(answer(c_), "owner");
  (void)b_.heard();
  ask(b_, "once_left");
  EXPECT_EQ(answer(b_), "done") << "of what is gone";
}

TEST_F(OnceFixturesTest, OwnersThatWaitForEachOtherAreLetGo) {
  once_.tests_are_over();
  const auto ask_for = [this](FakeWorker& worker, const std::string& name, const std::string& key) {
    questions_.ask(worker.process, {++id_, name, R"({"key":")" + key + R"(","fixture":"db","value":"dg=="})"});
  };
  for (auto [owner, user, key] : {std::tuple{&a_, &b_, "x"}, std::tuple{&b_, &a_, "y"}}) {
    ask_for(*owner, "once", key);
    ask_for(*owner, "once_made", key);
    ask_for(*user, "once", key);
  }
  (void)a_.heard();
  (void)b_.heard();
  ask_for(a_, "once_alone", "x");
  EXPECT_EQ(answer(a_), "nothing");
  ask_for(b_, "once_alone", "y");
  EXPECT_EQ(answer(b_), "done");
  ask_for(b_, "once_left", "x");
  EXPECT_EQ(answer(a_), "done");
}

TEST_F(OnceFixturesTest, NonsenseIsRefused) {
  questions_.ask(a_.process, {1, "once", "[]"});
  EXPECT_NE(a_.heard().find("nonsense in a question: args are not an object"), std::string::npos);
  ask(a_, "once_made", R"(,"failure":["fail"])");
  EXPECT_NE(a_.heard().find("is not [kind, text]"), std::string::npos);
  ask(a_, "once_made", R"(,"value":"djE=")");
  EXPECT_NE(a_.heard().find("is not this worker's to execute"), std::string::npos);
}

}  // namespace
}  // namespace trun
