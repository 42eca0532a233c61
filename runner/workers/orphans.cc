#include "runner/workers/orphans.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <utility>

#include "runner/kernel/posix.h"

namespace trun {
namespace {

/// PYTEST_CURRENT_TEST is "node id (phase)".
std::string test_of(const std::string& current) {
  const std::size_t space = current.rfind(" (");
  return space == std::string::npos ? std::string() : current.substr(0, space);
}

}  // namespace

void Orphans::tick(const std::string& run_id, TimePoint now) {
  // Only children are looked at: an orphan becomes the engine's child, since the engine is a subreaper. What still has
  // its parent is that worker's.
  const auto children = posix::children_of_self();
  if (!children.ok() || !context_.config.safeguards.sweep) return;
  std::set<pid_t> living;
  for (const pid_t pid : *children) {
    if (context_.is_own(pid) || context_.crew.knows(pid)) continue;
    living.insert(pid);
    Orphan& orphan = orphans_.try_emplace(pid, Orphan{.worker = nullptr, .test = "", .seen = now}).first->second;
    // Attributed as soon as it is seen: its environment and its mappings may be gone later.
    if (!orphan.worker && now - orphan.seen < kOrphansMayExec) attribute(pid, run_id, orphan);
    if (!is_due(orphan, now)) continue;
    const auto facts = posix::process_facts(pid);
    // A zombie needs no kill; it is reaped with the strangers.
    if (!facts || facts->state == 'Z') continue;
    // What was left because trun ended its worker is no leak of the test's.
    const bool abandoned = orphan.worker->stopping || !orphan.worker->lost.empty();
    if (!std::exchange(orphan.told, true) && !orphan.test.empty() && !abandoned && !ignored()) {
      context_.leaked(orphan.test, std::to_string(pid) + " " + facts->command);
    }
    // It is our child and was not waited for: the pid cannot be anybody else's.
    ::kill(pid, SIGKILL);
  }
  // Whoever is no child any more has been reaped: its number may be another's soon.
  std::erase_if(orphans_, [&](const auto& entry) { return living.count(entry.first) == 0; });
}

void Orphans::forget(const std::string& run_id) {
  // At the end of time all whose worker is gone are due. An orphan must not keep a pointer to a worker that is freed.
  tick(run_id, TimePoint::max());
  orphans_.clear();
}

bool Orphans::any_of_the_gone() const {
  return std::any_of(orphans_.begin(), orphans_.end(),
                     [](const auto& entry) { return entry.second.worker && Crew::gone(*entry.second.worker); });
}

bool Orphans::any_of(const WorkerProcess& worker) const {
  return std::any_of(orphans_.begin(), orphans_.end(),
                     [&](const auto& entry) { return entry.second.worker == &worker; });
}

/// By the environment of what was executed; a process that only forked still has its worker's status page mapped, and
/// what stayed in its worker's session has that.
void Orphans::attribute(pid_t pid, const std::string& run_id, Orphan& orphan) const {
  const bool ours = posix::environment_of(pid, "TRUN_RUN_ID") == run_id;
  const std::string slot = ours ? posix::environment_of(pid, "TRUN_SLOT").value_or("") : "";
  const std::string attempt = ours ? posix::environment_of(pid, "TRUN_ATTEMPT").value_or("") : "";
  for (const auto& worker : context_.crew.workers()) {
    const bool named = ours && slot == std::to_string(worker->slot) && attempt == std::to_string(worker->attempt);
    // An attached worker is in trun's own session, which says nothing.
    const bool of_its_session = worker->pgid != ::getpgrp() && ::getsid(pid) == worker->pid;
    if (worker->collector || !(named || of_its_session || posix::maps(pid, worker->page.inode()))) continue;
    orphan.worker = worker.get();
    break;
  }
  if (ours) {
    orphan.test = test_of(posix::environment_of(pid, "PYTEST_CURRENT_TEST").value_or(""));
  } else if (orphan.worker && !orphan.worker->assigned.empty()) {
    // It only forked: the test at work is the likely one.
    const WorkerProcess& worker = *orphan.worker;
    // The first test without a result; all have one: the last that it was given.
    const ItemIndex item = worker.assigned[std::min<std::size_t>(worker.delivered, worker.assigned.size() - 1)];
    if (item < context_.collection.items.size()) orphan.test = context_.collection.items[item].id;
  }
}

bool Orphans::ignored() const { return action_for(context_.config.leak, "processes") == LeakAction::ignore; }

bool Orphans::is_due(const Orphan& orphan, TimePoint now) const {
  if (!orphan.worker || !Crew::gone(*orphan.worker)) return false;
  // After a crash nobody cleans up: there is nothing to wait for.
  return !ended_well(*orphan.worker) || now >= orphan.worker->gone_at + kOrphansMayTake;
}

}  // namespace trun
