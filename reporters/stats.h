// Stats: the reports of a finished run by category, as the sections at the end want them (pytest's
// TerminalReporter.stats). It points into the RunLog that it was made from.
#pragma once

#include <deque>
#include <string_view>
#include <utility>
#include <vector>

#include "reporters/run_log.h"

namespace trun {

/// One report of one node.
struct StatEntry {
  std::string_view node_id;
  /// Null for a plain pass.
  const PhaseReport* report = nullptr;
  /// Null for a collector's report.
  const TestResult* result = nullptr;
};

class Stats {
 public:
  /// `log` must outlive this.
  explicit Stats(const RunLog& log);
  Stats(const Stats&) = delete;
  Stats& operator=(const Stats&) = delete;

  /// In the order of the run; empty for a category that did not occur.
  const std::vector<StatEntry>& get(std::string_view category) const;

 private:
  void add(std::string_view category, StatEntry entry);

  std::vector<std::pair<std::string_view, std::vector<StatEntry>>> by_category_;
  std::deque<PhaseReport> made_;  ///< reports that trun itself made; addresses are stable
  const std::vector<StatEntry> none_;
};

}  // namespace trun
