// Metrics: where the run's time and memory went, as one JSON document for machines. A function of the fold; it repeats
// no test's text (that is JUnit's) and no verdict but the slowest.
//
// Schema "trun.metrics/1". Times are seconds, memory is bytes; fields are added within a version, never changed or
// removed.
//   schema, run_id          strings
//   started                 milliseconds since 1970
//   exit_code               as the process returns it
//   stop_reason             why no new test was started, or null
//   collect, lane           "each" | "once" | "sharded"; "auto" | "standard"
//   why                     [string]: why this way to collect, this lane, this number of workers
//   tests                   {collected, deselected, finished, attempts, by_outcome {outcome: n}}: by_outcome has the
//   last
//                           attempt of each test and only the outcomes that occurred
//   collect_errors          [{nodeid, message}]; collect_skips: number of skipped collectors
//   warnings                number of warnings recorded
//   wall, startup, collection, scheduling_idle
//   phases                  {setup, call, teardown}: sums over all tests
//   cleanup                 {reason, took, steps [{phase, name, how "done" | "forced" | "given up", started, took,
//                           error or null}]}: how what the run held was given back, in order; `started` counts from the
//                           request
//   workers                 [{worker, processes, utilisation, peak_rss, cpu, exits [string], tests, busy}], by slot.
//   processes counts
//                           replacements; peak_rss is the largest of them, cpu and tests their sum; utilisation is the
//                           share of the run phase spent in tests, or null; busy is the sum of its tests' durations
//   slowest_tests           [{nodeid, outcome, duration, setup, call, teardown}], 20 at most, longest first
//   slowest_files           [{path, tests, duration}], likewise
#pragma once

#include <string>

#include "reporters/reporter.h"
#include "reporters/run_log.h"

namespace trun {

/// The document, one line with a newline at its end.
std::string metrics_json(const RunLog& log);

/// Writes metrics_json to `path` when the run is over, at once and whole.
class MetricsReporter : public Reporter {
 public:
  explicit MetricsReporter(std::string path) : path_(std::move(path)) {}
  const char* name() const override { return "metrics"; }
  Status on_event(const RunEvent& event, const RunLog& log) override;

 private:
  const std::string path_;
};

}  // namespace trun
