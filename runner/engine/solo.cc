// Solo: pytest's own loop and terminal run the tests, in one process; the engine takes down what it says. A test that
// ends the process costs itself: another process goes on behind it.
#include <algorithm>
#include <cstdio>
#include <numeric>
#include <utility>

#include "runner/engine/run.h"

namespace trun {

void Engine::run_solo() {
  const auto count = static_cast<ItemIndex>(collection().items.size());
  ItemIndex first = 0;
  for (WorkerProcess* worker = crew_.latest(0); worker; worker = go_on_solo(*worker, first)) {
    // Nothing is assigned: pytest runs its own list. Page and frames count from the first test of the process, and
    // left-out tests are deselected, so ordinal k is item first + k.
    worker->assigned.resize(count - first);
    std::iota(worker->assigned.begin(), worker->assigned.end(), first);
    solo_.runs = true;
    // It did not wait: what it has finished by now is in the ring already.
    on_heard(*worker);
    wait_until([&] { return crew_.gone(*worker); });
    const auto died_in = std::exchange(solo_.died_in, std::nullopt);
    if (!died_in || worker->done || *died_in + 1 == count) return;
    first = *died_in + 1;
  }
}

/// The process that runs the items from `first` on, behind the test in which `before` ended; none: the run ends here.
WorkerProcess* Engine::go_on_solo(const WorkerProcess& before, ItemIndex first) {
  const std::vector<TestItem>& items = collection().items;
  std::fprintf(stderr, "\ntrun: %s: the process has ended in this test\n", items[first - 1].id.c_str());
  const auto maxfail = static_cast<std::size_t>(std::max(pytest_.options.maxfail, 0));
  // Across processes: each pytest counts its own failures only.
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
               items.size() - first);
  std::vector<NodeId> left_out;
  for (ItemIndex i = 0; i < first; ++i) left_out.push_back(items[i].id);
  factory_->leave_out(std::move(left_out));
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
