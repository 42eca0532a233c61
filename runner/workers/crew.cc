#include "runner/workers/crew.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "runner/containment/evidence.h"

namespace trun {
namespace {

/// What it has left behind may come to light so much later, and is looked for by its page.
constexpr Duration kMourning = std::chrono::seconds(1);

/// What the end of a worker in the middle of a test is called.
Outcome verdict(const WorkerProcess& worker, Phase phase) {
  // The most certain reason first. A signal comes last: who was killed by trun or for want of memory died of one, too.
  if (worker.stopping) return worker.stopping->verdict;
  if (!worker.lost.empty()) return outcome::WorkerLost{worker.lost};
  if (!worker.starved.empty()) return outcome::OutOfMemory{worker.starved};
  if (worker.exited->signaled) return outcome::Crashed{worker.exited->code, phase};
  return outcome::PrematureExit{worker.exited->code, phase};
}

/// How its session has ended; nullopt: it has not.
std::optional<SessionEnd> session_end(const WorkerProcess& worker) {
  if (const auto end = ended_itself(worker)) return end;
  return worker.done ? std::optional(worker.done->end) : std::nullopt;
}

}  // namespace

WorkerProcess* Crew::adopt(std::unique_ptr<WorkerProcess> worker) {
  workers_.push_back(std::move(worker));
  return workers_.back().get();
}

WorkerProcess* Crew::at(Slot slot) const {
  for (const auto& worker : workers_) {
    if (worker->slot == slot && !worker->collector && !worker->retired && !gone(*worker)) return worker.get();
  }
  return nullptr;
}

void Crew::bury(TimePoint now, const std::function<bool(const WorkerProcess&)>& held) {
  const auto forgotten = [&](const std::unique_ptr<WorkerProcess>& worker) {
    if (!gone(*worker) || !worker->retired || worker->collector) return false;
    return now - worker->gone_at > kMourning && !held(*worker);
  };
  for (const auto& worker : workers_) {
    // Of all the dead, also of those that are kept: six descriptors each would soon be at the limit.
    if (gone(*worker)) let_go(*worker);
    if (!forgotten(worker)) continue;
    // The exit code of the run counts sessions, also of workers that nobody remembers.
    if (const auto end = session_end(*worker)) buried_exits_.insert(*end);
  }
  std::erase_if(workers_, forgotten);
}

void Crew::discard() {
  for (auto& worker : std::exchange(workers_, {})) {
    // Frames of a collection that does not count would be taken for those of the next one.
    worker->garbled = true;
    if (!gone(*worker)) discarded_.push_back(std::move(worker));
  }
}

bool Crew::has_discarded(const WorkerProcess& worker) const {
  return std::any_of(discarded_.begin(), discarded_.end(), [&](const auto& each) { return each.get() == &worker; });
}

std::optional<int> Crew::session_code(Slot slot) const {
  const WorkerProcess* worker = latest(slot);
  if (!worker) return std::nullopt;
  const auto end = session_end(*worker);
  return end ? std::optional(end->code) : std::nullopt;
}

std::size_t Crew::leaving(Slot slot) const {
  return static_cast<std::size_t>(std::count_if(workers_.begin(), workers_.end(), [&](const auto& worker) {
    return worker->slot == slot && worker->retired && !worker->lingers && !gone(*worker);
  }));
}

WorkerProcess* Crew::latest(Slot slot) const {
  // Adopted last, so latest: a replacement comes after whom it replaces.
  const auto found = std::find_if(workers_.rbegin(), workers_.rend(),
                                  [&](const auto& worker) { return worker->slot == slot && !worker->collector; });
  return found == workers_.rend() ? nullptr : found->get();
}

bool Crew::all_gone() const {
  return std::all_of(workers_.begin(), workers_.end(), [](const auto& worker) { return gone(*worker); });
}

bool Crew::all_collected_or_gone() const {
  return std::all_of(workers_.begin(), workers_.end(),
                     [](const auto& worker) { return worker->collection || gone(*worker); });
}

bool Crew::knows(pid_t pid) const {
  const auto is_it = [&](const auto& worker) { return worker->pid == pid; };
  return std::any_of(workers_.begin(), workers_.end(), is_it) ||
         std::any_of(discarded_.begin(), discarded_.end(), is_it);
}

std::vector<event::Progress::Running> Crew::at_work() const {
  std::vector<event::Progress::Running> running;
  for (const auto& worker : workers_) {
    // A worker that was killed may still be dying in its test, which is over for trun.
    if (gone(*worker) || worker->assigned.empty() || !worker->lost.empty()) continue;
    const auto snapshot = worker->page.snapshot();
    // The page is written by a process that runs code of others: an ordinal is checked before it is used.
    if (!snapshot.ok() || snapshot->ordinal >= worker->assigned.size() || snapshot->phase < Phase::setup) continue;
    running.push_back({worker->slot, worker->assigned[snapshot->ordinal], snapshot->phase, snapshot->began});
  }
  return running;
}

std::vector<SessionEnd> Crew::session_ends() const {
  std::vector<SessionEnd> ends(buried_exits_.begin(), buried_exits_.end());
  for (const auto& worker : workers_) {
    if (const auto end = session_end(*worker)) ends.push_back(*end);
  }
  return ends;
}

bool Crew::any_session_failed() const {
  return std::any_of(workers_.begin(), workers_.end(), [](const auto& worker) {
    return worker->stopped && worker->stopped->kind == StoppedFrame::Kind::failed;
  });
}

void Crew::kill(const WorkerProcess& worker) {
  if (gone(worker)) return;
  // By itself as well as by its group: an attached worker has no group of its own, and one may not have called setsid()
  // yet.
  (void)posix::kill_process(worker.pidfd, SIGKILL);
  if (worker.pgid != ::getpgrp()) (void)posix::kill_group(worker.pid, SIGKILL);
  // Those that left the group and wait for memory, too: they hold what it waits for.
  if (worker.memory) (void)worker.memory->kill();
}

void Crew::kill_all(const std::string& why) {
  for (auto& worker : workers_) {
    if (gone(*worker)) continue;
    // The first reason is kept: it is what the verdict on its test names.
    if (worker->lost.empty()) worker->lost = why;
    kill(*worker);
  }
}

// Which test, if any, was at work when the worker ended. `delivered` counts the results that were taken, so the item at
// that place is the first without one. Example: 5 items were assigned, 2 delivered.
// Page: ordinal 2, began, phase call; SIGSEGV. Item 2 crashed in its call.
// Page: ordinal 1, which was delivered; SIGKILL. The worker was between two tests: nobody is to blame, items 2 to 4 go
// back.
// Page: ordinal 2, began, no phase of a test any more; no result came. Item 2 is to blame, in its teardown.
// The worker had said `stopped` or `done`: it was between tests by its own word, unless trun was stopping it at a test.
worker_event::Exited Crew::last_moment(const WorkerProcess& worker) {
  worker_event::Exited event;
  event.slot = worker.slot;
  // The test at work did nothing wrong: it is begun again by another process, with all that was to follow.
  if (worker.stood_still) return event;
  const bool stopped = worker.stopping && worker.stopping->ordinal;
  // Each item that it was given has its result: it died behind its last test.
  if (worker.delivered >= worker.assigned.size()) return event;
  if (!stopped && (worker.stopped || worker.done)) return event;
  const auto snapshot = worker.page.snapshot();
  // Also an item that is over by the page and of which nothing came: a test that closes the descriptors of its worker
  // ends the session with it, and would go on to the next worker, and the next.
  const bool at_work = snapshot.ok() && snapshot->ordinal == worker.delivered && snapshot->began != TimePoint{};
  const bool in_phase = at_work && snapshot->phase >= Phase::setup && snapshot->phase <= Phase::teardown;
  // A page that holds nonsense tells nothing: the test that was next is taken to be the one.
  if (!at_work && !stopped && (snapshot.ok() || worker.lost.empty())) return event;
  event.current = worker.assigned[worker.delivered];
  event.verdict = verdict(worker, in_phase ? snapshot->phase : at_work ? Phase::teardown : Phase::call);
  event.started = at_work ? snapshot->began : Clock::now();
  CrashWords words = split_crash(worker.err.tail());
  // faulthandler writes to stderr: its part becomes evidence, and only the rest is what the test or a library said.
  event.last_words = fold_machinery(words.rest);
  if (auto* crash = std::get_if<outcome::Crashed>(&event.verdict)) crash->where = std::move(words.where);
  if (worker.stopping) event.evidence = worker.stopping->evidence;
  // A worker that trun was ending has its stacks from the ladder already.
  if (!worker.stopping && !words.stacks.empty()) event.evidence.emplace_back("stacks", std::move(words.stacks));
  if (at_work && snapshot->phase == Phase::setup) {
    const std::string fixture = worker.page.fixture(snapshot->ordinal);
    if (!fixture.empty()) event.evidence.insert(event.evidence.begin(), {"fixture", fixture});
  }
  return event;
}

}  // namespace trun
