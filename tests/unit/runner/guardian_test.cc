#include "runner/containment/guardian.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>

#include <cstdlib>

#include "runner/containment/interrupts.h"
#include "runner/kernel/wake_up.h"
#include "tests/unit/runner/kernel_helpers.h"

namespace trun {
namespace {

void count_signal(int signal) { ++shared_board().signals[signal]; }

void catch_signal(int signal, void (*handler)(int) = count_signal) {
  struct sigaction action {};
  action.sa_handler = handler;
  ::sigaction(signal, &action, nullptr);
}

/// Stays until it is told to go or the guardian is gone.
int stay(const Fd& guardian_pipe, int exit_code = 0) {
  shared_board().engine = ::getpid();
  shared_board().ready = 1;
  while (shared_board().done == 0) {
    const auto gone = posix::wait_readable(guardian_pipe, std::chrono::milliseconds(1));
    if (gone.ok() && *gone) return 99;
  }
  return exit_code;
}

class GuardianTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(posix::set_subreaper().ok());
    ASSERT_EQ(posix::children_of_self().value(), std::vector<pid_t>());
    make_board();
    output_ = posix::memory_file("output", 4096).value();
  }
  void TearDown() override { clear_children(); }

  /// A guardian in a process of its own.
  pid_t start(const EngineMain& engine_main, const GuardianOptions& options = {}) {
    return fork_child([&] {
      ::dup2(output_.get(), STDERR_FILENO);
      return run_guarded(engine_main, options);
    });
  }

  /// The exit code of the guardian that ran `engine_main`; -1 if it did not end by itself.
  int run(const EngineMain& engine_main, const GuardianOptions& options = {}) {
    const auto status = wait_for(start(engine_main, options));
    return status && !status->signaled ? status->code : -1;
  }

  std::string output() const {
    std::string text(4096, '\0');
    EXPECT_EQ(::pread(output_.get(), text.data(), text.size(), 0), 4096);
    return text.c_str();
  }

  Fd output_;
};

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

// ---- with a terminal

/// A pseudo-terminal; the test types at it.
class TerminalTest : public GuardianTest {
 protected:
  void SetUp() override {
    GuardianTest::SetUp();
    master_ = Fd(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    ASSERT_TRUE(master_.valid() && ::grantpt(master_.get()) == 0 && ::unlockpt(master_.get()) == 0);
    terminal_ = ::ptsname(master_.get());
  }

  /// A process that leads a session at the terminal and ends with what `body` returns.
  pid_t start_session(const std::function<int()>& body) {
    return fork_child([&] {
      ::setsid();
      const int fd = ::open(terminal_.c_str(), O_RDWR | O_CLOEXEC);
      if (fd < 0 || ::ioctl(fd, TIOCSCTTY, 0) != 0) return 90;
      ::dup2(fd, STDIN_FILENO);
      return body();
    });
  }

  void type(char key) { EXPECT_EQ(::write(master_.get(), &key, 1), 1); }

  Fd master_;
  std::string terminal_;
};

TEST_F(TerminalTest, CtrlCReachesTheEngineOnce) {
  const pid_t guardian = start_session([] {
    return run_guarded([](Fd pipe, GuardianPage&) {
      catch_signal(SIGINT);
      catch_signal(SIGUSR1);
      return stay(pipe, 2);
    });
  });
  EXPECT_TRUE(eventually([] { return shared_board().ready == 1; }));
  type('\x03');
  EXPECT_TRUE(eventually([] { return shared_board().signals[SIGINT] > 0; }));
  ::kill(guardian, SIGUSR1);
  EXPECT_TRUE(eventually([] { return shared_board().signals[SIGUSR1] > 0; }));
  shared_board().done = 1;
  EXPECT_EQ(wait_for(guardian)->code, 2);
  EXPECT_EQ(shared_board().signals[SIGINT], 1);
}

// An engine that left the foreground group does not hear the terminal: then the guardian must speak.
TEST_F(TerminalTest, CtrlCIsForwardedToAnEngineInItsOwnGroup) {
  const pid_t guardian = start_session([] {
    return run_guarded([](Fd pipe, GuardianPage&) {
      ::setpgid(0, 0);
      catch_signal(handed_on(SIGINT));
      return stay(pipe, 2);
    });
  });
  EXPECT_TRUE(eventually([] { return shared_board().ready == 1; }));
  type('\x03');
  EXPECT_TRUE(eventually([] { return shared_board().signals[handed_on(SIGINT)] > 0; }));
  shared_board().done = 1;
  EXPECT_EQ(wait_for(guardian)->code, 2);
  EXPECT_EQ(shared_board().signals[handed_on(SIGINT)], 1);
}

/// Pauses its tests, then itself, as trun's engine does.
void pause_and_stop(int) {
  ++shared_board().signals[SIGTSTP];
  ::raise(SIGSTOP);
}

/// What a shell does: starts the job in the foreground, sees it stop, brings it back with fg. Its exit code names the
/// step that went wrong.
int shell(const EngineMain& engine_main) {
  ::signal(SIGTTOU, SIG_IGN);
  const pid_t job = fork_child([&] {
    ::setpgid(0, 0);
    ::tcsetpgrp(STDIN_FILENO, ::getpid());
    ::signal(SIGTTOU, SIG_DFL);
    return run_guarded(engine_main);
  });
  int status = 0;
  const bool stopped = eventually([&] { return ::waitpid(job, &status, WUNTRACED | WNOHANG) == job; });
  if (!stopped || !WIFSTOPPED(status)) return 91;
  shared_board().seen = WSTOPSIG(status);
  if (!eventually([] { return shared_board().done == 1; })) return 92;
  ::kill(-job, SIGCONT);
  if (!eventually([&] { return ::waitpid(job, &status, WNOHANG) == job; })) return 93;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 94;
}

class JobControlTest : public TerminalTest, public testing::WithParamInterface<bool> {};

TEST_P(JobControlTest, CtrlZStopsTheJobAndFgContinuesIt) {
  const bool catches = GetParam();
  const pid_t session = start_session([&] {
    return shell([&](Fd pipe, GuardianPage&) {
      if (catches) catch_signal(SIGTSTP, pause_and_stop);
      return stay(pipe, 8);
    });
  });
  EXPECT_TRUE(eventually([] { return shared_board().ready == 1; }));
  type('\x1a');
  EXPECT_TRUE(eventually([] { return shared_board().seen == SIGTSTP; }));
  EXPECT_EQ(shared_board().signals[SIGTSTP], catches ? 1 : 0);
  shared_board().done = 1;
  EXPECT_EQ(wait_for(session)->code, 8);
}

INSTANTIATE_TEST_SUITE_P(Engine, JobControlTest, testing::Bool(),
                         [](const auto& catches) { return catches.param ? "CatchesSigtstp" : "HasTheDefault"; });

// Nobody could say fg here: the guardian must not stop, and the engine must come back.
TEST_F(TerminalTest, StopInAnOrphanedGroupIsUndone) {
  const pid_t guardian = start_session([] {
    return run_guarded([](Fd pipe, GuardianPage&) {
      catch_signal(SIGTSTP, pause_and_stop);
      return stay(pipe, 8);
    });
  });
  EXPECT_TRUE(eventually([] { return shared_board().ready == 1; }));
  ::kill(guardian, SIGTSTP);
  EXPECT_TRUE(eventually([] { return shared_board().signals[SIGTSTP] == 1; }));
  shared_board().done = 1;
  EXPECT_EQ(wait_for(guardian)->code, 8);
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
