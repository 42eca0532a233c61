#include "runner/containment/guardian.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "runner/containment/interrupts.h"
#include "runner/containment/reaper.h"
#include "runner/containment/stall_watch.h"
#include "runner/kernel/cgroup.h"
#include "runner/kernel/posix.h"
#include "runner/kernel/process_tree.h"
#include "runner/kernel/scratch_folder.h"
#include "runner/kernel/terminal_mode.h"
#include "runner/kernel/wake_up.h"

namespace trun {
namespace {

constexpr int kInternalError = 3;  // pytest's exit code for it
constexpr std::array kForwarded = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGTSTP, SIGWINCH};

/// How often it looks whether the engine moves.
constexpr Duration kLook = std::chrono::milliseconds(250);

void say(const std::string& text) { std::fprintf(stderr, "trun: %s\n", text.c_str()); }

/// SIGCHLD, and what is forwarded, less what the caller ignores: nohup stays nohup.
sigset_t watched_signals() {
  sigset_t watched = posix::not_ignored({kForwarded.begin(), kForwarded.end()});
  sigaddset(&watched, SIGCHLD);
  return watched;
}

/// Whether the terminal sent it to the whole foreground group. A hang-up goes to the leader of the session alone.
bool engine_has_it(const siginfo_t& info, pid_t engine) {
  // The kernel sets SI_KERNEL for signals of the terminal; those of kill(2) have SI_USER.
  const bool leaders_hangup = info.si_signo == SIGHUP && ::getsid(0) == ::getpid();
  return info.si_code == SI_KERNEL && ::getpgid(engine) == ::getpgrp() && !leaders_hangup;
}

/// Stops this process as Ctrl-Z would, so that the shell takes the job for stopped; comes back when it is continued.
/// In a group that no shell could continue, the kernel ignores SIGTSTP, and that is right.
void stop_until_continued() {
  // Elsewhere SIGTSTP is blocked, so that sigwaitinfo(2) takes it. SIGSTOP would not do: it stops a process of an
  // orphaned group, too, and there nobody continues it.
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTSTP);
  ::raise(SIGTSTP);  // pending until the next line
  ::sigprocmask(SIG_UNBLOCK, &stop, nullptr);
  ::sigprocmask(SIG_BLOCK, &stop, nullptr);
}

std::string in_seconds(Duration duration) { return std::to_string(std::lround(seconds(duration))) + " s"; }

class Guard {
 public:
  Guard(pid_t engine, sigset_t watched, const GuardianPage& page, Duration stall_limit)
      : engine_(engine), watched_(watched), page_(page), stall_limit_(stall_limit) {}

  /// Waits for the engine's end.
  Result<posix::ExitStatus> watch() {
    // All watched signals are blocked and taken here, one at a time: there is no handler, and nothing comes between two
    // statements. SIGCHLD is not counted by the kernel, several ends may come as one, so each is followed by a look at
    // everybody: whether the engine was stopped or continued (this takes no exit status), whether it has ended, whether
    // strangers have.
    while (true) {
      siginfo_t info{};
      // EAGAIN: nothing came. EINTR: we were stopped and continued.
      const int signal = wait(info);
      if (signal == SIGCHLD) {
        TRUN_CHECK(look_at_engine());
        TRUN_TRY(ended, posix::reap(engine_));
        if (ended) return *ended;
        // A failure here leaves a zombie until the sweep: no reason to give the engine up.
        (void)reap_strangers([this](pid_t pid) { return pid == engine_; });
      } else if (signal > 0) {
        forward(info);
      }
      if (must_stop()) stop();
      // Also after each signal: a guardian that is sent signals all the time would never time out.
      follow(stall_.look(page_.beats(), Clock::now()));
    }
  }

 private:
  int wait(siginfo_t& info) const {
    // Without a limit on standing still the guardian never wakes by itself.
    if (stall_limit_ <= Duration{0}) return ::sigwaitinfo(&watched_, &info);
    const timespec look{0, kLook.count()};
    return ::sigtimedwait(&watched_, &info, &look);
  }

  void follow(StallWatch::Step step) {
    const std::string stage = page_.stage();
    const std::string stands = "the engine has not moved for " + in_seconds(stall_.stood()) +
                               (engine_stop_ != 0 ? ", somebody has stopped it" : "") +
                               (stage.empty() ? "" : " (" + stage + ")");
    using Step = StallWatch::Step;
    if (step == Step::warn) say(stands + "; the run is ended after " + in_seconds(stall_limit_) + " (--stall-limit)");
    if (step == Step::moved) say("the engine goes on, after " + in_seconds(stall_.stood()));
    // The first call is told; it is repeated at each look, since it may come just before the system call that hangs.
    if (step == Step::wake) {
      if (!std::exchange(woken_, true)) say(stands + ": the run is ended (--stall-limit)");
      ::kill(engine_, wake_up_signal());
    }
    if (step == Step::kill) {
      if (!std::exchange(killed_, true)) {
        say("it does not answer and is killed: --events holds what is known, other reports could not be written");
      }
      ::kill(engine_, SIGKILL);
    }
  }

  void forward(const siginfo_t& info) {
    // Remembered also where the engine has the signal from the terminal: it stops by SIGSTOP later (JobControl::pause),
    // which looks like a stop by hand but for this.
    stop_wanted_ |= info.si_signo == SIGTSTP;
    if (!engine_has_it(info, engine_)) ::kill(engine_, handed_on(info.si_signo));
  }

  Status look_at_engine() {
    TRUN_TRY(change, posix::take_stop_or_continue(engine_));
    if (change) engine_stop_ = *change == SIGCONT ? 0 : *change;
    return ok_status();
  }

  /// Whether the engine has stopped for the sake of job control: by the terminal's signals, or after Ctrl-Z by SIGSTOP,
  /// when it has paused its tests. An engine that somebody stopped by hand is left alone: were we to stop as well, its
  /// end would go unseen. Ctrl-Z and the stop that follows from it may come in either order.
  bool must_stop() const { return engine_stop_ != 0 && (engine_stop_ != SIGSTOP || stop_wanted_); }

  void stop() {
    stop_until_continued();
    stop_wanted_ = false;
    // The report of the engine's continuation is still to come; without this the guardian would stop again before it.
    engine_stop_ = 0;
    ::kill(engine_, SIGCONT);  // the shell continues the whole group, kill(1) perhaps us alone
  }

  const pid_t engine_;
  const sigset_t watched_;
  const GuardianPage& page_;
  const Duration stall_limit_;
  StallWatch stall_{stall_limit_};
  bool woken_ = false, killed_ = false;
  bool stop_wanted_ = false;  ///< SIGTSTP came since we last stopped
  int engine_stop_ = 0;       ///< the signal that the engine is stopped by
};

/// What is dead leaves its group a moment later.
void remove_group(const Cgroup& group, TimePoint deadline) {
  while (!group.remove() && Clock::now() < deadline) {
    const timespec moment{0, 2'000'000};
    ::nanosleep(&moment, nullptr);
  }
}

/// What a dead engine has left of its services' files. Only what is named as the engine names it, whatever the page
/// says.
void remove_files(const std::string& folder) {
  const std::string name = std::filesystem::path(folder).filename();
  std::error_code ignored;
  if (is_scratch_name(name)) std::filesystem::remove_all(folder, ignored);
}

void sweep(const GuardianOptions& options, const GuardianPage& page) {
  if (!options.sweep) return;
  // Groups first: cgroup.kill reaches all members at once, also those that fork meanwhile. kill_descendants() then
  // reaps them, which empties the groups, so that they can be removed. Files come last: nobody is left who could write
  // new ones.
  std::vector<Cgroup> groups;
  for (const std::string& folder : {page.cgroup(), page.memory_groups()}) {
    if (!folder.empty()) (void)groups.emplace_back(folder).kill();
  }
  const auto swept = kill_descendants(Clock::now() + options.sweep_limit);
  if (!swept.ok()) return say("cannot end what the engine left behind: " + swept.error().message);
  for (const Cgroup& group : groups) remove_group(group, Clock::now() + options.sweep_limit);
  remove_files(page.folder());
  if (swept->survivors.empty()) return;
  std::string pids;
  for (const pid_t pid : swept->survivors) pids.append(" ").append(std::to_string(pid));
  say("processes that could not be ended within " + std::to_string(seconds(options.sweep_limit)) + " s:" + pids);
}

int exit_code_of(const Result<posix::ExitStatus>& ended) {
  if (!ended.ok()) {
    say("the engine was lost (" + ended.error().message + "); its processes have been ended");
    return kInternalError;
  }
  if (!ended->signaled) return ended->code;
  const char* name = ::sigabbrev_np(ended->code);
  say("the engine was killed (signal " + std::to_string(ended->code) + (name ? ", SIG" + std::string(name) : "") +
      "); its processes have been ended");
  return kInternalError;
}

int guard(pid_t engine, const sigset_t& watched, const GuardianPage& page, const GuardianOptions& options) {
  ::signal(SIGPIPE, SIG_IGN);  // a message that nobody reads must not change the exit status
  // As the terminal was at the start of trun: the engine changes it later, and cannot put it back once it is killed.
  const TerminalMode terminal;
  const auto ended = Guard(engine, watched, page, options.stall_limit).watch();
  // The wait itself has failed: an engine whose end nobody would see must not live on.
  if (!ended.ok()) ::kill(engine, SIGKILL);
  sweep(options, page);
  if (page.terminal()) terminal.restore();
  return exit_code_of(ended);
}

}  // namespace

int run_guarded(const EngineMain& engine_main, const GuardianOptions& options) {
  // An inherited SIG_IGN would make the kernel throw away every status.
  ::signal(SIGCHLD, SIG_DFL);
  const Status subreaper = posix::set_subreaper();
  auto pipe = posix::make_pipe();
  auto page = GuardianPage::create();
  if (!subreaper.ok() || !pipe.ok() || !page.ok()) {
    say((!subreaper.ok() ? subreaper.error() : !pipe.ok() ? pipe.error() : page.error()).message);
    return kInternalError;
  }
  const sigset_t watched = watched_signals();
  sigset_t callers;
  ::sigprocmask(SIG_BLOCK, &watched, &callers);  // before the fork: what comes now is forwarded, not lost
  const pid_t engine = ::fork();
  if (engine == 0) {
    ::sigprocmask(SIG_SETMASK, &callers, nullptr);
    // The engine waits for end-of-file on this pipe: it comes only if the guardian alone holds the write end.
    pipe->write.reset();
    std::exit(engine_main(std::move(pipe->read), *page));
  }
  if (engine < 0) {
    say("cannot start the engine: " + std::string(std::strerror(errno)));
    return kInternalError;
  }
  pipe->read.reset();
  return guard(engine, watched, *page, options);
}

}  // namespace trun
