#include "runner/workers/stop_ladder.h"

#include <signal.h>
#include <unistd.h>

#include <utility>

#include "runner/containment/evidence.h"
#include "runner/workers/crew.h"

namespace trun {
namespace {

constexpr std::size_t kMostStacks = 64 * 1024;
/// So long the stacks may take: a worker that is stopped, or blocks all signals, writes none.
constexpr Duration kStacksWithin = std::chrono::seconds(1);

void terminate(const WorkerProcess& worker) {
  (void)posix::kill_process(worker.pidfd, SIGTERM);
  if (worker.pgid != ::getpgrp()) (void)posix::kill_group(worker.pid, SIGTERM);
}

void write_down(Stopping& stopping, std::string stacks) {
  if (stacks.empty()) stacks = "none within a second: the process is stopped, blocks signals, or waits for memory\n";
  stopping.evidence.insert(stopping.evidence.begin(), {"stacks", std::move(stacks)});
}

}  // namespace

int stacks_signal() { return SIGRTMIN + 9; }

void ask_for_stacks(const WorkerProcess& worker) {
  const auto snapshot = worker.page.snapshot();
  // Before its first sign of life it has no handler, and the signal would end it.
  if (!snapshot.ok() || snapshot->pid == 0) return;
  // The file may hold the stacks of an earlier question.
  posix::empty(worker.stacks);
  (void)posix::kill_process(worker.pidfd, stacks_signal());
}

std::string stacks_text(const WorkerProcess& worker) {
  return fold_machinery(posix::contents(worker.stacks, kMostStacks));
}

void begin_stop(WorkerProcess& worker, std::string reason, std::optional<std::uint64_t> ordinal, Outcome verdict,
                TimePoint now) {
  Stopping& stopping = worker.stopping.emplace();
  stopping.reason = std::move(reason);
  stopping.ordinal = ordinal;
  stopping.verdict = std::move(verdict);
  stopping.next = now + kStacksWithin;
  ask_for_stacks(worker);
  // Now, while all of them live: SIGTERM comes a moment later.
  stopping.evidence.emplace_back("processes", process_tree_text(worker.pid));
  stopping.evidence.emplace_back("files", open_files_text(worker.pid));
}

// stacks -> terminated -> killed, one step a tick, of which there are ten a second. Example with a grace of 5 s: 0.0 s
// stacks are asked for; 0.1 s the file has 3 KB; 0.2 s it still has 3 KB, so they are complete: SIGTERM; 5.2 s SIGKILL.
// A stopped process writes nothing: at 1.0 s that is noted, and SIGTERM follows. `urgent` (memory) goes from stacks to
// SIGKILL in one tick.
void advance_stop(WorkerProcess& worker, Duration grace, TimePoint now) {
  using Rung = Stopping::Step;
  Stopping& stopping = *worker.stopping;
  if (stopping.step == Rung::stacks) {
    std::string stacks = stacks_text(worker);
    // faulthandler writes piece by piece and does not say when it is done: the same size at two looks must do.
    const bool complete = !stacks.empty() && stacks.size() == stopping.stacks_size;
    stopping.stacks_size = stacks.size();
    if (!complete && now < stopping.next) return;
    write_down(stopping, std::move(stacks));
    stopping.step = Rung::terminated;
    stopping.next = stopping.urgent ? now : now + stopping.grace.value_or(grace);
    // Without a grace SIGTERM would only start handlers that SIGKILL cuts off.
    if (now < stopping.next) terminate(worker);
  }
  if (stopping.step == Rung::terminated && now >= stopping.next) {
    stopping.step = Rung::killed;
    Crew::kill(worker);
  }
}

}  // namespace trun
