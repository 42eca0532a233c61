#include "runner/process_tree.h"

#include <algorithm>
#include <csignal>
#include <set>

namespace trun {
namespace {

bool contains(const std::vector<pid_t>& pids, pid_t pid) {
  return std::find(pids.begin(), pids.end(), pid) != pids.end();
}

/// Reaps the child if it has ended, else kills it. Returns what to wait on if it lives; none if it is gone.
Result<Fd> reap_or_kill(pid_t child) {
  TRUN_TRY(ended, posix::reap(child));
  if (ended) return Fd();
  TRUN_TRY(pidfd, posix::pidfd_open(child));
  TRUN_TRY(found, posix::kill_process(pidfd, SIGKILL));
  return found ? std::move(pidfd) : Fd();
}

}  // namespace

// Children only, never their descendants by pid: a child's pid cannot become somebody else's before we reap it, and
// what it leaves behind becomes our child before the child itself can be reaped. From the top down, no supervisor lives
// to restart what was killed below it.
Result<Sweep> kill_descendants(TimePoint deadline, const std::vector<pid_t>& spared) {
  constexpr Duration kRound = std::chrono::milliseconds(10);
  std::set<pid_t> killed;
  Sweep sweep;
  while (true) {
    TRUN_TRY(children, posix::children_of_self());
    sweep.survivors.clear();
    bool any_ended = false;
    Fd living;
    for (const pid_t child : children) {
      if (contains(spared, child)) continue;
      TRUN_TRY(pidfd, reap_or_kill(child));
      any_ended |= !pidfd.valid();
      if (!pidfd) continue;
      sweep.survivors.push_back(child);
      killed.insert(child);
      living = std::move(pidfd);
    }
    if ((!any_ended && !living) || Clock::now() >= deadline) break;
    if (!any_ended) TRUN_CHECK(posix::wait_readable(living, std::min<Duration>(kRound, deadline - Clock::now())));
  }
  sweep.killed.assign(killed.begin(), killed.end());
  return sweep;
}

}  // namespace trun
