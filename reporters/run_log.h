// RunLog: the fold of the RunEvents, everything that a report written at the end needs. A value; it draws no
// conclusions. There is one a run, for all reports: a run may have a million tests.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "runner/base/run_event.h"

namespace trun {

struct RunLog {
  event::RunStarted started;
  Collection collection;
  std::vector<event::CollectReport> collect_reports;
  TimePoint collected_at{};
  /// In the order they finished.
  std::vector<TestResult> results;
  std::vector<event::WorkerStarted> workers_started;
  std::vector<event::WorkerExited> workers_exited;
  std::map<event::WorkerRecycled::Cause, std::size_t> recycled;
  std::vector<event::WarningRecorded> warnings;
  std::vector<event::Notice> notices;
  std::vector<std::pair<std::string, std::string>> suite_properties;
  std::string stop_reason;     ///< empty: ran to its end
  std::string plugin_summary;  ///< what plugins wrote into pytest's terminal summary
  /// What stands in the place of a part of it, by the name of the method of pytest's reporter.
  std::map<std::string, std::string, std::less<>> plugin_parts;
  event::CleanupFinished cleanup;
  event::RunFinished finished;

  /// Takes the event in. The collection is large and moves: it is in the log then, and no longer in the event.
  void fold(RunEvent& event);
};

/// How long the run took: the engine's figure, or from start to finish where there is none. Seconds, never negative.
double wall_seconds(const RunLog& log);

}  // namespace trun
