#include "reporters/stats.h"

#include "reporters/ending.h"

namespace trun {

Stats::Stats(const RunLog& log) {
  // Collection first, as in pytest: its errors stand before those of tests.
  for (const event::CollectReport& collected : log.collect_reports) {
    add(collect_category(collected.report), {collected.node_id, &collected.report, nullptr});
  }
  for (const TestResult& result : log.results) {
    const NodeId& id = log.collection.items[result.item].id;
    // Tests that never began have no report. The terminal counts them by reason.
    if (std::holds_alternative<outcome::NotRun>(result.outcome)) continue;
    for (const PhaseReport& report : result.reports) {
      if (!is_overruled(result, report)) add(report.category, {id, &report, &result});
    }
    if (auto made = made_report(id, result)) {
      // A deque keeps its elements where they are, so the entry may point to the last one.
      made_.push_back(*std::move(made));
      add(made_.back().category, {id, &made_.back(), &result});
    } else if (result.reports.empty()) {
      // A plain pass: pytest would have three reports here, and counts the call.
      add("passed", {id, nullptr, &result});
    }
  }
}

const std::vector<StatEntry>& Stats::get(std::string_view category) const {
  // Half a dozen categories: a search is as good as a map, and keeps their order.
  for (const auto& [name, entries] : by_category_) {
    if (name == category) return entries;
  }
  return none_;
}

void Stats::add(std::string_view category, StatEntry entry) {
  for (auto& [name, entries] : by_category_) {
    if (name == category) return entries.push_back(entry);
  }
  by_category_.emplace_back(category, std::vector<StatEntry>{entry});
}

}  // namespace trun
