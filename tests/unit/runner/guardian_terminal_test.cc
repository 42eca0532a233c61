// The guardian and its engine at a terminal: Ctrl-C, Ctrl-Z and fg.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>

#include <cstdlib>

#include "runner/containment/guardian.h"
#include "runner/containment/interrupts.h"
#include "tests/unit/runner/guardian_fixture.h"

namespace trun {
namespace {

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

}  // namespace
}  // namespace trun
