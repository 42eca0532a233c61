// For tests of what only the kernel can show: memory shared with forked processes, bounded polling, and this process
// as the witness: a subreaper, to which every process that escaped its keeper comes.
#pragma once

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <functional>
#include <new>
#include <optional>
#include <string>

#include "runner/base/clock.h"
#include "runner/kernel/posix.h"

namespace trun {

/// What forked processes tell the test.
struct Board {
  std::atomic<int> signals[65];  ///< how often each was caught
  std::atomic<int> engine, ready, done, seen;
  std::atomic<int> orphans[32];  ///< pids
};

/// The board of this test program: one test at a time uses it.
inline Board& shared_board() {
  static const posix::Mapping mapping =
      posix::map_shared(posix::memory_file("board", sizeof(Board)).value(), sizeof(Board)).value();
  return *static_cast<Board*>(mapping.data());
}

/// An empty board.
inline Board& make_board() { return *new (&shared_board()) Board{}; }

inline void nap() { ::poll(nullptr, 0, 1); }

/// Whether `condition` came true within ten seconds.
inline bool eventually(const std::function<bool()>& condition) {
  const TimePoint deadline = Clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (Clock::now() > deadline) return false;
    nap();
  }
  return true;
}

/// How the child ended; none if it still ran after ten seconds (it is killed then).
inline std::optional<posix::ExitStatus> wait_for(pid_t child) {
  std::optional<posix::ExitStatus> status;
  const bool ended = eventually([&] {
    auto reaped = posix::reap(child);
    if (reaped.ok()) status = *reaped;
    return !reaped.ok() || status.has_value();
  });
  if (!ended) ::kill(child, SIGKILL);
  return status;
}

/// Neither running nor a zombie.
inline bool is_gone(pid_t pid) { return ::kill(pid, 0) != 0 && errno == ESRCH; }

/// Forks; the child ends with what `body` returns, without the test program's own exit.
inline pid_t fork_child(const std::function<int()>& body) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(body());
  return pid;
}

[[noreturn]] inline void wait_for_death() {
  while (true) ::pause();
}

/// A daemon by the book: a session of its own, its parent gone, deaf to what can be ignored. Returns its pid.
inline pid_t start_daemon(std::atomic<int>& pid, const std::function<void()>& body = wait_for_death) {
  const pid_t parent = ::fork();
  if (parent == 0) {
    ::setsid();
    if (::fork() == 0) {
      ::signal(SIGTERM, SIG_IGN);
      ::signal(SIGHUP, SIG_IGN);
      pid = ::getpid();
      body();
      ::_exit(0);
    }
    ::_exit(0);
  }
  ::waitpid(parent, nullptr, 0);
  while (pid == 0) nap();
  return pid;
}

/// Ends and reaps all that this process has as children, and what comes to it then, so that one test's survivors are
/// not the next one's. Returns how many there were.
inline std::size_t clear_children() {
  std::size_t count = 0;
  while (true) {
    const auto children = posix::children_of_self().value();
    if (children.empty()) return count;
    for (const pid_t child : children) ::kill(child, SIGKILL);
    for (const pid_t child : children) wait_for(child);
    count += children.size();
  }
}

}  // namespace trun
