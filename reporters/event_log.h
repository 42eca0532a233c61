// EventLog: the run as it happens, one JSON object a line (`--events PATH`). For tools that compare, watch or replay;
// what it leaves out is said here.
//
// Each line has "event" and "at": seconds since RunStarted, microseconds exact. Events that carry no time have that of
// the last one that did. Absent text, zero attempts and empty lists are left out; invalid UTF-8 is replaced. Progress
// is not logged.
// clang-format off
//   run_started          run_id, unix_ms, rootdir, workers, collect, lane, header [str], resources [[name, capacity]],
//                        why [str]
//   collection_finished  items [nodeid], files [path], deselected, reports [{nodeid, report}], demands [{nodeid,
//                        resources ["gpu:2", "read:db"], serial}] of the tests that have any
//   test_finished        nodeid, outcome, reason, worker, attempt, started, durations {setup, call, teardown},
//                        reports [report], last_words, leaks [{kind, what}]; stacks, processes, files of one stopped
//   worker_started       worker, pid
//   worker_exited        worker, pid, how, peak_rss (bytes), cpu (seconds)
//   warning              when, nodeid, text, category, filename, line
//   output               worker, stream "out" | "err", line
//   notice               level "detail" | "info" | "warning" | "error", text
//   suite_property       name, value
//   resources_taken      hold, worker, nodeid (the first that it is for), resources [{name, amount, shared, units [int],
//                        capacity}], serial
//   resources_released   hold, worker
//   run_stopped          reason
//   cleanup              reason, took, steps [{phase, name, how "done" | "forced" | "given up", started (since the
//                        request), took, error}]
//   run_finished         exit_code, wall, startup, collection, scheduling_idle, setup, call, teardown,
//                        utilisation {worker: share}
// A report: when, outcome, category, letter, word, duration, longrepr (plain), head_line, crash {path, line, message},
// exception_type, skip {path, line, reason}, wasxfail (also when empty), sections [[title, text]],
// properties [[name, value]], subtest.
// clang-format on
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "reporters/reporter.h"

namespace trun {

/// What a line says that its event does not.
struct EventContext {
  TimePoint start{};  ///< RunStarted's
  TimePoint now{};    ///< of the latest event with a time
  /// Names the items; null before the collection is known.
  const Collection* collection = nullptr;
};

/// The event's line, newline included; empty for Progress.
std::string event_json(const RunEvent& event, const EventContext& context);
/// The same, appended to `out`.
void append_event_json(std::string& out, const RunEvent& event, const EventContext& context);

class EventLog : public Reporter {
 public:
  /// `sink` takes whole lines in order; an Error ends the reporter. Lines are gathered up to 64 KB or the next event
  /// that is no plain pass, so that 10,000 passes do not cost as many writes.
  explicit EventLog(std::function<Status(std::string_view)> sink) : sink_(std::move(sink)) {}
  const char* name() const override { return "events"; }
  Status on_event(const RunEvent& event, const RunLog& log) override;

 private:
  const std::function<Status(std::string_view)> sink_;
  EventContext context_;
  std::string pending_;
};

}  // namespace trun
