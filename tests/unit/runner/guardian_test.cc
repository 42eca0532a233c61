#include "runner/containment/guardian.h"

#include <gtest/gtest.h>

#include "runner/containment/interrupts.h"
#include "runner/kernel/wake_up.h"
#include "tests/unit/runner/guardian_fixture.h"

namespace trun {
namespace {

TEST_F(GuardianTest, ForwardsExitCode) {
  for (const int code : {0, 1, 5, 77}) {
    EXPECT_EQ(run([code](Fd, GuardianPage&) { return code; }), code);
  }
  EXPECT_EQ(output(), "");
}

TEST_F(GuardianTest, ReportsEngineKilledBySignal) {
  EXPECT_EQ(run([](Fd, GuardianPage&) -> int { posix::raise_without_core(SIGKILL); }), 3);
  EXPECT_EQ(output(), "trun: the engine was killed (signal 9, SIGKILL); its processes have been ended\n");
}

TEST_F(GuardianTest, ExitCodeSurvivesIgnoredSigchld) {
  const pid_t guardian = fork_child([] {
    ::signal(SIGCHLD, SIG_IGN);
    return run_guarded([](Fd, GuardianPage&) { return 7; });
  });
  EXPECT_EQ(wait_for(guardian)->code, 7);
}

TEST_F(GuardianTest, EngineHasTheCallersSignalMask) {
  const pid_t guardian = fork_child([] {
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR2);
    ::sigprocmask(SIG_SETMASK, &blocked, nullptr);
    return run_guarded([](Fd, GuardianPage&) {
      sigset_t mask;
      ::sigprocmask(SIG_BLOCK, nullptr, &mask);
      int blocked_signals = 0;
      for (int signal = 1; signal < 32; ++signal) blocked_signals += sigismember(&mask, signal);
      return blocked_signals == 1 && sigismember(&mask, SIGUSR2) ? 0 : 1;
    });
  });
  EXPECT_EQ(wait_for(guardian)->code, 0);
}

/// Twenty daemons, and a chain of processes that are each other's children.
void leave_processes_behind() {
  for (int i = 0; i < 20; ++i) start_daemon(shared_board().orphans[i]);
  shared_board().orphans[20] = 0;
  start_daemon(shared_board().orphans[20], [] {
    for (int depth = 21; depth < 30; ++depth) {
      if (::fork() != 0) wait_for_death();
      shared_board().orphans[depth] = ::getpid();
    }
    shared_board().ready = 1;
    wait_for_death();
  });
  while (shared_board().ready == 0) nap();
}

TEST_F(GuardianTest, NothingSurvivesKilledEngine) {
  const int code = run([](Fd, GuardianPage&) -> int {
    leave_processes_behind();
    posix::raise_without_core(SIGKILL);
  });
  EXPECT_EQ(code, 3);
  for (int i = 0; i < 30; ++i) EXPECT_TRUE(is_gone(shared_board().orphans[i])) << i;
  EXPECT_EQ(clear_children(), 0u);
}

TEST_F(GuardianTest, NothingSurvivesEngineThatExits) {
  const int code = run([](Fd, GuardianPage&) {
    leave_processes_behind();
    return 4;
  });
  EXPECT_EQ(code, 4);
  for (int i = 0; i < 30; ++i) EXPECT_TRUE(is_gone(shared_board().orphans[i])) << i;
  EXPECT_EQ(clear_children(), 0u);
}

// The negative control: without the sweep, the daemons are there and the witness gets them.
TEST_F(GuardianTest, WithoutTheSweepDaemonsSurvive) {
  GuardianOptions options;
  options.sweep = false;
  run(
      [](Fd, GuardianPage&) -> int {
        leave_processes_behind();
        posix::raise_without_core(SIGKILL);
      },
      options);
  for (int i = 0; i < 30; ++i) EXPECT_FALSE(is_gone(shared_board().orphans[i])) << i;
  EXPECT_EQ(clear_children(), 30u);
}

TEST_F(GuardianTest, ReapsStrangersAndStillGetsTheEnginesStatus) {
  const pid_t guardian = start([](Fd pipe, GuardianPage&) {
    for (int i = 0; i < 10; ++i) {
      start_daemon(shared_board().orphans[i], [] {});
    }
    return stay(pipe, 6);
  });
  EXPECT_TRUE(eventually([] { return shared_board().ready == 1; }));
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(eventually([i] { return is_gone(shared_board().orphans[i]); })) << i;
  }
  shared_board().done = 1;
  EXPECT_EQ(wait_for(guardian)->code, 6);
}

TEST_F(GuardianTest, EngineSeesEndOfFileWhenTheGuardianIsKilled) {
  const pid_t guardian = start([](Fd pipe, GuardianPage&) {
    char byte;
    shared_board().ready = 1;
    shared_board().seen = ::read(pipe.get(), &byte, 1) == 0 ? 1 : 2;
    return 0;
  });
  EXPECT_TRUE(eventually([] { return shared_board().ready == 1; }));
  EXPECT_EQ(shared_board().seen, 0);
  ::kill(guardian, SIGKILL);
  EXPECT_TRUE(eventually([] { return shared_board().seen == 1; }));
  wait_for(guardian);
}

class ForwardingTest : public GuardianTest, public testing::WithParamInterface<int> {};

TEST_P(ForwardingTest, ForwardsOnce) {
  const int signal = GetParam(), arrives = handed_on(signal);
  const pid_t guardian = start([signal, arrives](Fd pipe, GuardianPage&) {
    catch_signal(arrives);
    catch_signal(SIGCONT);  // never sent
    catch_signal(signal == SIGUSR1 ? SIGUSR2 : SIGUSR1);
    return stay(pipe);
  });
  EXPECT_TRUE(eventually([] { return shared_board().ready == 1; }));
  ::kill(guardian, signal);
  EXPECT_TRUE(eventually([&] { return shared_board().signals[arrives] > 0; }));
  // Whatever the guardian had to say about the first is said before this comes through.
  const int fence = signal == SIGUSR1 ? SIGUSR2 : SIGUSR1;
  ::kill(guardian, fence);
  EXPECT_TRUE(eventually([&] { return shared_board().signals[fence] > 0; }));
  shared_board().done = 1;
  EXPECT_EQ(wait_for(guardian)->code, 0);
  EXPECT_EQ(shared_board().signals[arrives], 1);
  EXPECT_EQ(shared_board().signals[fence], 1);
  EXPECT_EQ(shared_board().signals[SIGCONT], 0);
}

INSTANTIATE_TEST_SUITE_P(Signals, ForwardingTest,
                         testing::Values(SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH),
                         [](const auto& signal) { return sigabbrev_np(signal.param); });

TEST_F(GuardianTest, NohupStaysNohup) {
  const pid_t guardian = fork_child([] {
    ::signal(SIGHUP, SIG_IGN);
    return run_guarded([](Fd pipe, GuardianPage&) {
      catch_signal(SIGHUP);  // an engine that takes no care
      catch_signal(SIGUSR1);
      return stay(pipe);
    });
  });
  EXPECT_TRUE(eventually([] { return shared_board().ready == 1; }));
  ::kill(guardian, SIGHUP);
  ::kill(guardian, SIGUSR1);
  EXPECT_TRUE(eventually([] { return shared_board().signals[SIGUSR1] > 0; }));
  shared_board().done = 1;
  EXPECT_EQ(wait_for(guardian)->code, 0);
  EXPECT_EQ(shared_board().signals[SIGHUP], 0);
}

// An engine that was stopped by hand and then killed must still be swept after.
TEST_F(GuardianTest, DoesNotStopWithAnEngineStoppedByHand) {
  const pid_t guardian = start([](Fd pipe, GuardianPage&) {
    start_daemon(shared_board().orphans[0]);
    return stay(pipe);
  });
  EXPECT_TRUE(eventually([] { return shared_board().ready == 1; }));
  ::kill(shared_board().engine, SIGSTOP);
  ::kill(shared_board().engine, SIGKILL);
  EXPECT_EQ(wait_for(guardian)->code, 3);
  EXPECT_TRUE(is_gone(shared_board().orphans[0]));
}

// ---- an engine that stands still

GuardianOptions impatient(Duration limit = std::chrono::seconds(2)) {
  GuardianOptions options;
  options.stall_limit = limit;
  return options;
}

TEST_F(GuardianTest, EngineThatMovesIsLeftAlone) {
  const int code = run(
      [](Fd, GuardianPage& page) {
        const TimePoint end = Clock::now() + std::chrono::seconds(3);
        while (Clock::now() < end) {
          page.beat();
          nap();
        }
        return 7;
      },
      impatient());
  EXPECT_EQ(code, 7);
  EXPECT_EQ(output(), "");
}

TEST_F(GuardianTest, EngineInASystemCallIsCalledOutOfIt) {
  const int code = run(
      [](Fd, GuardianPage& page) {
        answer_wake_ups();
        page.at("collecting");
        page.reporting("events");
        const auto pipe = posix::make_pipe().value();
        char byte;
        const bool interrupted = ::read(pipe.read.get(), &byte, 1) < 0 && errno == EINTR;
        return interrupted && woken() ? 3 : 90;
      },
      impatient());
  EXPECT_EQ(code, 3);
  EXPECT_NE(output().find("(writing the events report): the run is ended (--stall-limit)"), std::string::npos)
      << output();
}

TEST_F(GuardianTest, EngineThatDoesNotAnswerIsKilledAndSweptAfter) {
  const int code = run(
      [](Fd, GuardianPage& page) -> int {
        page.at("collecting");
        start_daemon(shared_board().orphans[0]);
        ::raise(SIGSTOP);
        return 0;
      },
      impatient());
  EXPECT_EQ(code, 3);
  EXPECT_TRUE(is_gone(shared_board().orphans[0]));
  EXPECT_NE(output().find("somebody has stopped it (collecting)"), std::string::npos) << output();
  EXPECT_NE(output().find("it does not answer and is killed"), std::string::npos) << output();
}

// The negative control: without a limit nobody minds.
TEST_F(GuardianTest, WithoutALimitAnEngineMayStandStill) {
  const pid_t guardian = start([](Fd pipe, GuardianPage&) { return stay(pipe, 5); });
  EXPECT_TRUE(eventually([] { return shared_board().ready == 1; }));
  const TimePoint end = Clock::now() + std::chrono::seconds(2);
  while (Clock::now() < end) nap();
  shared_board().done = 1;
  EXPECT_EQ(wait_for(guardian)->code, 5);
  EXPECT_EQ(output(), "");
}

}  // namespace
}  // namespace trun
