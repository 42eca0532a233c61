// Solo: pytest's own loop and terminal run the tests, in one process; the engine takes down what it says. A test that
// ends the process costs itself: another process goes on behind it.
#include <algorithm>
#include <cstdio>
#include <numeric>

#include "runner/engine/run.h"

namespace trun {
namespace {

/// What was to run behind the test in which the process ended.
std::vector<ItemIndex> left_by(const WorkerProcess& worker, std::optional<ItemIndex> died_in) {
  if (!died_in || worker.done) return {};
  const auto at = std::find(worker.assigned.begin(), worker.assigned.end(), *died_in);
  if (at == worker.assigned.end()) return {};
  return {at + 1, worker.assigned.end()};
}

/// Names of the others; `items` are in order.
std::vector<NodeId> all_but(const std::vector<ItemIndex>& items, const std::vector<TestItem>& all) {
  std::vector<NodeId> others;
  auto item = items.begin();
  for (ItemIndex i = 0; i < all.size(); ++i) {
    const bool is_one = item != items.end() && *item == i;
    is_one ? void(++item) : others.push_back(all[i].id);
  }
  return others;
}

}  // namespace

void Engine::run_solo() {
  std::vector<ItemIndex> items(collection_.collection.items.size());
  std::iota(items.begin(), items.end(), ItemIndex{0});
  WorkerProcess* worker = crew_.latest(0);
  while (worker) {
    worker->assigned = items;
    solo_.runs = true;
    on_heard(*worker);
    wait_until([&] { return crew_.gone(*worker); });
    items = left_by(*worker, std::exchange(solo_.died_in, std::nullopt));
    worker = items.empty() ? nullptr : go_on_solo(*worker, items);
  }
}

/// The process that runs `items`, which stood behind the test in which `before` ended; none: the run ends here.
WorkerProcess* Engine::go_on_solo(const WorkerProcess& before, const std::vector<ItemIndex>& items) {
  const auto& all = collection_.collection.items;
  std::fprintf(stderr, "\ntrun: %s: the process has ended in this test\n", all[items.front() - 1].id.c_str());
  const auto maxfail = static_cast<std::size_t>(std::max(pytest_.options.maxfail, 0));
  const bool enough = maxfail > 0 && narrator_.tally().bad() >= maxfail;
  if (enough || stop_code_ || abandoned_ || ended_) return nullptr;
  if (const auto limit = config_.max_worker_restart; limit && before.attempt > static_cast<int>(*limit)) {
    const std::string reason = "maximum crashed workers reached: " + std::to_string(*limit);
    std::fprintf(stderr, "trun: %s\n", reason.c_str());
    tell(event::RunStopped{reason});
    return nullptr;
  }
  std::fprintf(stderr,
               "trun: another process runs the %zu that follow; what pytest and its plugins report is of these\n",
               items.size());
  factory_->leave_out(all_but(items, all));
  solo_.runs = false;
  const auto worker = start_worker(0, {});
  if (!worker.ok()) {
    notice(event::Notice::Level::error, worker.error().message);
    return nullptr;
  }
  wait_until([&] { return (*worker)->collection.has_value() || crew_.gone(**worker); });
  return *worker;
}

int solo_code(std::optional<int> session, std::optional<int> stopped, bool crashed) {
  const int code = session.value_or(stopped.value_or(crashed ? kFailed : kInternal));
  return crashed && (code == kOk || code == kNothing) ? static_cast<int>(kFailed) : code;
}

}  // namespace trun
