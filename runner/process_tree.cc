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

struct Round {
  bool any_ended = false;
  std::vector<pid_t> living;  ///< they have got SIGKILL
  Fd one;                     ///< a pidfd of one of them
};

// Children only, never their descendants by pid: a child's pid cannot become somebody else's before we reap it, and
// what it leaves behind becomes our child before the child itself can be reaped. From the top down, no supervisor lives
// to restart what was killed below it.
Result<Round> go_round(const std::vector<pid_t>& spared) {
  TRUN_TRY(children, posix::children_of_self());
  Round round;
  for (const pid_t child : children) {
    if (contains(spared, child)) continue;
    TRUN_TRY(pidfd, reap_or_kill(child));
    round.any_ended |= !pidfd.valid();
    if (!pidfd) continue;
    round.living.push_back(child);
    round.one = std::move(pidfd);
  }
  return round;
}

}  // namespace

Result<std::vector<pid_t>> sweep_round(const std::vector<pid_t>& spared) {
  // What forks as fast as it is killed must not keep the caller here.
  constexpr int kMostRounds = 100;
  for (int rounds = 1;; ++rounds) {
    TRUN_TRY(round, go_round(spared));
    if (!round.any_ended || rounds == kMostRounds) return std::move(round.living);
  }
}

Result<Sweep> kill_descendants(TimePoint deadline, const std::vector<pid_t>& spared) {
  constexpr Duration kPause = std::chrono::milliseconds(10);
  std::set<pid_t> killed;
  Sweep sweep;
  while (true) {
    TRUN_TRY(round, go_round(spared));
    killed.insert(round.living.begin(), round.living.end());
    sweep.survivors = std::move(round.living);
    if ((!round.any_ended && !round.one) || Clock::now() >= deadline) break;
    if (!round.any_ended)
      TRUN_CHECK(posix::wait_readable(round.one, std::min<Duration>(kPause, deadline - Clock::now())));
  }
  sweep.killed.assign(killed.begin(), killed.end());
  return sweep;
}

}  // namespace trun
