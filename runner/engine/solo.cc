// Solo: pytest's own loop and terminal run the tests, in one process; the engine takes down what it says. A test that
// ends the process costs itself: another process goes on behind it.
#include <algorithm>
#include <cstdio>
#include <numeric>

#include "runner/engine/run.h"

namespace trun {

void Engine::run_solo() {
  std::vector<ItemIndex> items(collection_.collection.items.size());
  std::iota(items.begin(), items.end(), ItemIndex{0});
  WorkerProcess* worker = crew_.latest(0);
  while (worker) {
    worker->assigned = items;
    solo_runs_ = true;
    on_heard(*worker);
    wait_until([&] { return crew_.gone(*worker); });
    items = left_by(*worker);
    worker = items.empty() ? nullptr : go_on_solo(items);
  }
}

/// What was to run behind the test that ended the process; nothing, where the run is to end there.
std::vector<ItemIndex> Engine::left_by(const WorkerProcess& worker) {
  if (!solo_died_in_ || worker.done) return {};
  const ItemIndex died_in = *std::exchange(solo_died_in_, std::nullopt);
  std::fprintf(stderr, "\ntrun: %s: the process has ended in this test (%s)\n",
               collection_.collection.items[died_in].id.c_str(), ending(worker).c_str());
  const auto maxfail = static_cast<std::size_t>(std::max(pytest_.options.maxfail, 0));
  const bool enough = maxfail > 0 && narrator_.tally().bad() >= maxfail;
  if (enough || stop_code_ || abandoned_ || ended_) return {};
  const auto at = std::find(worker.assigned.begin(), worker.assigned.end(), died_in);
  if (at == worker.assigned.end() || at + 1 == worker.assigned.end()) return {};
  const auto limit = config_.max_worker_restart;
  if (limit && worker.attempt > static_cast<int>(*limit)) {
    const std::string reason = "maximum crashed workers reached: " + std::to_string(*limit);
    std::fprintf(stderr, "trun: %s\n", reason.c_str());
    tell(event::RunStopped{reason});
    return {};
  }
  return {at + 1, worker.assigned.end()};
}

WorkerProcess* Engine::go_on_solo(const std::vector<ItemIndex>& items) {
  const auto& all = collection_.collection.items;
  std::fprintf(stderr,
               "trun: another process runs the %zu that follow; what pytest and its plugins report is of these\n",
               items.size());
  std::vector<NodeId> left_out;
  auto item = items.begin();
  for (ItemIndex i = 0; i < all.size(); ++i) {
    const bool runs = item != items.end() && *item == i;
    runs ? void(++item) : left_out.push_back(all[i].id);
  }
  factory_->leave_out(std::move(left_out));
  solo_runs_ = false;
  const auto worker = start_worker(0, {});
  if (!worker.ok()) {
    notice(event::Notice::Level::error, worker.error().message);
    return nullptr;
  }
  wait_until([&] { return (*worker)->collection.has_value() || crew_.gone(**worker); });
  return *worker;
}

/// pytest's own; a process that ended in a test is a failure that the session of the next knows nothing of.
int Engine::solo_code() const {
  const int code = crew_.session_code(0).value_or(stop_code_.value_or(solo_crashed_ ? kFailed : kInternal));
  return solo_crashed_ && (code == kOk || code == kNothing) ? static_cast<int>(kFailed) : code;
}

}  // namespace trun
