#include "runner/workers/orphans.h"

#include <signal.h>

#include <algorithm>
#include <set>
#include <utility>

#include "runner/kernel/posix.h"

namespace trun {
namespace {

/// PYTEST_CURRENT_TEST is "node id (phase)".
std::pair<std::string, std::string> split_current(const std::string& text) {
  const std::size_t space = text.rfind(" (");
  if (space == std::string::npos) return {};
  return {text.substr(0, space), text.substr(space + 2, text.size() - space - 3)};
}

}  // namespace

void Orphans::tick(const std::string& run_id) {
  const auto children = posix::children_of_self();
  if (!children.ok() || !ground_.config.safeguards.sweep) return;
  std::set<pid_t> living;
  for (const pid_t pid : *children) {
    if (ground_.is_own(pid) || ground_.crew.knows(pid)) continue;
    living.insert(pid);
    auto found = orphans_.find(pid);
    if (found == orphans_.end()) found = orphans_.emplace(pid, attribute(pid, run_id)).first;
    Orphan& orphan = found->second;
    if (!is_due(orphan)) continue;
    const auto facts = posix::process_facts(pid);
    if (!facts || facts->state == 'Z') continue;
    // What was left because trun ended its worker is no leak of the test's.
    const bool abandoned = orphan.worker->stopping || !orphan.worker->lost.empty();
    if (!std::exchange(orphan.told, true) && !orphan.test.empty() && !abandoned && !ignored()) {
      ground_.leaked(orphan.test, std::to_string(pid) + " " + facts->command);
    }
    // It is our child and was not waited for: the pid cannot be anybody else's.
    ::kill(pid, SIGKILL);
  }
  std::erase_if(orphans_, [&](const auto& entry) { return living.count(entry.first) == 0; });
}

void Orphans::forget(const std::string& run_id) {
  tick(run_id);
  orphans_.clear();
}

bool Orphans::any_of(const WorkerProcess& worker) const {
  return std::any_of(orphans_.begin(), orphans_.end(),
                     [&](const auto& entry) { return entry.second.worker == &worker; });
}

/// By the environment of what was executed; a process that only forked still has its worker's status page mapped.
Orphans::Orphan Orphans::attribute(pid_t pid, const std::string& run_id) const {
  Orphan orphan;
  const bool ours = posix::environment_of(pid, "TRUN_RUN_ID") == run_id;
  const std::string slot = ours ? posix::environment_of(pid, "TRUN_SLOT").value_or("") : "";
  const std::string attempt = ours ? posix::environment_of(pid, "TRUN_ATTEMPT").value_or("") : "";
  for (const auto& worker : ground_.crew.workers()) {
    const bool named = ours && slot == std::to_string(worker->slot) && attempt == std::to_string(worker->attempt);
    if (worker->collector || !(named || posix::maps(pid, worker->page.fd()))) continue;
    orphan.worker = worker.get();
    break;
  }
  if (ours) {
    const auto [test, phase] = split_current(posix::environment_of(pid, "PYTEST_CURRENT_TEST").value_or(""));
    orphan.test = test;
    orphan.of_set_up = phase == "setup";
  } else if (orphan.worker && !orphan.worker->assigned.empty()) {
    // It only forked: the test at work is the likely one.
    const WorkerProcess& worker = *orphan.worker;
    const ItemIndex item = worker.assigned[std::min<std::size_t>(worker.delivered, worker.assigned.size() - 1)];
    if (item < ground_.collection.items.size()) orphan.test = ground_.collection.items[item].id;
  }
  return orphan;
}

bool Orphans::ignored() const { return action_for(ground_.config.leak, "processes") == LeakAction::ignore; }

bool Orphans::is_due(const Orphan& orphan) const {
  if (!orphan.worker) return false;
  const WorkerProcess& worker = *orphan.worker;
  if (Crew::gone(worker) || worker.done) return true;
  if (ignored() || orphan.test.empty() || orphan.of_set_up || worker.delivered == 0) return false;
  // The file of its test is over once the worker is at a test of another one, or has none left.
  if (worker.delivered == worker.assigned.size()) return true;
  const ItemIndex item = worker.assigned[worker.delivered];
  return item < ground_.collection.items.size() &&
         node_path(ground_.collection.items[item].id) != node_path(orphan.test);
}

}  // namespace trun
