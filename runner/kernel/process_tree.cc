#include "runner/kernel/process_tree.h"

#include <algorithm>
#include <csignal>
#include <ctime>
#include <set>

namespace trun {
namespace {

bool contains(const std::vector<pid_t>& pids, pid_t pid) {
  return std::find(pids.begin(), pids.end(), pid) != pids.end();
}

/// Reaps the child if it has ended, else kills it. False: it is gone. One that may not be signalled (a test ran sudo)
/// stays what it is, a child that lives: it must not keep us from the others. A pid is enough, it cannot be another's
/// before we reap it, and there may be no descriptor left.
bool kill_or_reap(pid_t child) {
  const auto ended = posix::reap(child);
  if (!ended.ok() || *ended) return false;
  ::kill(child, SIGKILL);
  return true;
}

/// Waits until the child has ended, at most so long.
void wait_for_end(pid_t child, Duration limit) {
  // A descriptor for the pidfd may not be had: then a pause must do.
  const auto pidfd = posix::pidfd_open(child);
  if (pidfd.ok() && posix::wait_readable(*pidfd, limit).ok()) return;
  const timespec pause{0, limit.count()};  // less than a second
  ::nanosleep(&pause, nullptr);
}

struct Round {
  bool any_ended = false;
  std::vector<pid_t> living;  ///< they have got SIGKILL
};

// Children only, never their descendants by pid: a child's pid cannot become somebody else's before we reap it, and
// what it leaves behind becomes our child before the child itself can be reaped. From the top down, no supervisor lives
// to restart what was killed below it.
Result<Round> go_round(const std::vector<pid_t>& spared) {
  TRUN_TRY(children, posix::children_of_self());
  Round round;
  for (const pid_t child : children) {
    if (contains(spared, child)) continue;
    if (kill_or_reap(child))
      round.living.push_back(child);
    else
      round.any_ended = true;
  }
  return round;
}

}  // namespace

Result<std::vector<pid_t>> sweep_round(const std::vector<pid_t>& spared) {
  // What forks as fast as it is killed must not keep the caller here.
  constexpr int kMostRounds = 100;
  for (int rounds = 1;; ++rounds) {
    TRUN_TRY(round, go_round(spared));
    // Whoever has ended has left its children to us: they are looked for at once. Without an end nothing new has come.
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
    if (!round.any_ended && sweep.survivors.empty()) break;
    const Duration left = deadline - Clock::now();
    // Checked after a round, not before it: each caller gets one round, however late it is.
    if (left <= Duration{0}) break;
    // Example: a daemon D with a child C. Round 1 kills D, which is still dying: wait. Round 2 reaps D; C is ours now,
    // and round 3 follows at once, which kills C. Round 4 reaps C, and round 5 finds nobody.
    if (!round.any_ended) wait_for_end(sweep.survivors.back(), std::min<Duration>(kPause, left));
  }
  sweep.killed.assign(killed.begin(), killed.end());
  return sweep;
}

}  // namespace trun
