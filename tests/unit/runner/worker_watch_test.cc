#include "runner/workers/worker_watch.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <memory>
#include <stdexcept>

#include "runner/workers/crew.h"
#include "tests/unit/runner/kernel_helpers.h"

namespace trun {
namespace {

/// Writes down what it hears.
struct Listener : WorkerObserver {
  void on_frame(WorkerProcess& worker, FromWorker& frame) override {
    if (throws) throw std::runtime_error("no memory");
    seen.push_back(std::holds_alternative<StoppedFrame>(frame) ? "stopped" : "another");
    const auto facts = posix::process_facts(worker.pid);
    states.push_back(facts ? facts->state : '-');
  }
  void on_heard(WorkerProcess&) override {}
  void on_line(WorkerProcess&, event::OutputLine::Stream, std::string_view) override {}
  void on_exit(WorkerProcess&) override { ended = true; }

  std::vector<std::string> seen;
  std::string states;  ///< of the process when a frame was heard, as in proc(5)
  bool throws = false, ended = false;
};

class WorkerWatchTest : public ::testing::Test {
 protected:
  /// A process in a group of its own that has said `text` and does `rest`.
  WorkerProcess& start(const std::string& text, const std::function<int()>& rest) {
    auto made = std::make_unique<WorkerProcess>();
    ForkParcel parcel = prepare(*made).value();
    Board& board = make_board();
    made->pid = made->pgid = fork_child([&] {
      ::setsid();
      const ssize_t sent = ::send(parcel.socket.get(), text.data(), text.size(), 0);
      board.ready = sent == static_cast<ssize_t>(text.size()) ? 1 : 2;
      return rest();
    });
    made->pidfd = posix::pidfd_open(made->pid).value();
    EXPECT_TRUE(eventually([&] { return board.ready == 1; }));
    WorkerProcess* worker = crew.adopt(std::move(made));
    watch.add(*worker);
    return *worker;
  }
  bool ends() {
    return eventually([&] {
      loop.run_one(std::chrono::milliseconds(1));
      return listener.ended;
    });
  }

  EventLoop loop;
  Listener listener;
  WorkerWatch watch{loop, listener};
  Crew crew;
};

const std::string kStopped = encode_frame(R"({"t":"stopped","kind":"exit","reason":"why","exit":2})");

// A second Ctrl-C threw away every result that was on its way.
TEST_F(WorkerWatchTest, WhatAKilledWorkerHadSaidIsHeard) {
  start(kStopped, [] {
    wait_for_death();
    return 0;
  });
  crew.kill_all("interrupted twice");
  ASSERT_TRUE(ends());
  EXPECT_EQ(listener.seen, std::vector<std::string>{"stopped"});
  EXPECT_EQ(ending(*crew.workers()[0]), "killed by trun (interrupted twice)");
}

TEST_F(WorkerWatchTest, BehindNonsenseNothingIsHeard) {
  start(encode_frame("{}") + kStopped, [] { return 0; });
  ASSERT_TRUE(ends());
  EXPECT_TRUE(listener.seen.empty());
}

// Its number was free while its last frames were read, and its group was signalled after that.
TEST_F(WorkerWatchTest, ItKeepsItsNumberUntilItsGroupIsEnded) {
  WorkerProcess& worker = start(kStopped, [] {
    if (::fork() == 0) wait_for_death();
    ::raise(SIGKILL);
    return 0;
  });
  // Nothing is read before it has ended.
  ASSERT_TRUE(eventually([&] { return posix::peek(worker.pid).value().has_value(); }));
  loop.unwatch(worker.channel.socket().get());
  ASSERT_TRUE(ends());
  EXPECT_EQ(listener.states, "Z");
  EXPECT_TRUE(is_gone(worker.pid));
  EXPECT_TRUE(worker.exited->signaled);
  // Where this program is a subreaper, as other tests make it, the rest of the group is its to wait for.
  EXPECT_TRUE(eventually([&] {
    ::waitpid(-worker.pgid, nullptr, WNOHANG);
    return ::kill(-worker.pgid, 0) != 0;
  }));
}

TEST_F(WorkerWatchTest, AnExceptionOverItsLastWordsComesOutOnceItsEndWasTold) {
  WorkerProcess& worker = start(kStopped, [] { return 0; });
  ASSERT_TRUE(eventually([&] { return posix::peek(worker.pid).value().has_value(); }));
  loop.unwatch(worker.channel.socket().get());
  listener.throws = true;
  EXPECT_THROW(ends(), std::runtime_error);
  EXPECT_TRUE(listener.ended);
  EXPECT_TRUE(worker.exited.has_value());
}

// What was freed was waited for, and named in the clean-up.
TEST_F(WorkerWatchTest, WhoIsDiscardedAndNotGoneIsKeptUntilItsEnd) {
  WorkerProcess& worker = start(kStopped, [] {
    wait_for_death();
    return 0;
  });
  crew.discard();
  EXPECT_TRUE(crew.workers().empty());
  EXPECT_TRUE(crew.all_gone());
  EXPECT_TRUE(crew.has_discarded(worker));
  EXPECT_TRUE(crew.knows(worker.pid));
  Crew::kill(worker);
  ASSERT_TRUE(ends());
  EXPECT_TRUE(listener.seen.empty());
}

}  // namespace
}  // namespace trun
