#include "runner/run_tally.h"

#include <algorithm>

namespace trun {

void RunTally::add(const TestResult& result) {
  if (std::holds_alternative<outcome::NotRun>(result.outcome)) {
    // One that began is a plugin's that ran it and reported nothing: pytest does not count it either.
    not_run_ += result.started == TimePoint{};
    return;
  }
  bad_ += is_bad(result.outcome);
  sums_.setup += result.setup;
  sums_.call += result.call;
  sums_.teardown += result.teardown;
  if (result.started != TimePoint{}) {  // else it was refused without a worker
    busy_[result.slot] += result.total();
    const auto [ended, first] = ended_.try_emplace(result.slot, result.started);
    if (!first && result.started > ended->second) sums_.scheduling_idle += result.started - ended->second;
    ended->second = result.started + result.total();
  }
  TestResult& kept = last_[result.item];
  kept.outcome = result.outcome;
  kept.setup = result.setup;
  kept.call = result.call;
  kept.teardown = result.teardown;
}

bool RunTally::is_news(Slot slot, int attempt, const event::SuiteProperty& property) {
  const Property key{property.name, property.value};
  const std::size_t said = ++said_[{key, slot, attempt}];
  std::size_t& told = told_[key];
  if (said <= told) return false;
  told = said;
  return true;
}

event::RunFigures RunTally::figures(Duration running) const {
  event::RunFigures figures = sums_;
  const double whole = std::max(1e-9, seconds(running));
  for (const auto& [slot, busy] : busy_) figures.utilisation.emplace_back(slot, std::min(1.0, seconds(busy) / whole));
  return figures;
}

SaveCache RunTally::cache_frame(const Collection& collection, const std::vector<event::CollectReport>& reports,
                                History history) const {
  SaveCache frame;
  for (const TestItem& item : collection.items) frame.collected.push_back(item.id);
  for (const auto& [item, result] : last_) {
    const bool skipped = std::holds_alternative<outcome::Skipped>(result.outcome);
    frame.results.emplace_back(collection.items[item].id, is_bad(result.outcome) ? "failed"
                                                          : skipped              ? "skipped"
                                                                                 : "passed");
  }
  for (const auto& report : reports) {
    if (report.report.outcome == "failed") frame.failed_collect.push_back(report.node_id);
  }
  for (const TestFile& file : collection.files) {
    Duration took{0};
    const bool whole = std::all_of(file.items.begin(), file.items.end(), [&](ItemIndex item) {
      const auto found = last_.find(item);
      if (found != last_.end()) took += found->second.total();
      return found != last_.end();
    });
    if (!whole) continue;
    history.record(file.path, took);
    frame.durations.emplace_back(file.path, history.seconds().at(file.path));
  }
  return frame;
}

}  // namespace trun
