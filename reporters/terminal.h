// TerminalReporter: the run as a person sees it. pytest's text from the header to the closing line, xdist's form of
// progress where there are workers, and a live line on a terminal. It owns no descriptor: text goes to a sink, whole
// events at a time.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "reporters/live_line.h"
#include "reporters/reporter.h"
#include "reporters/run_log.h"
#include "reporters/terminal_options.h"
#include "reporters/terminal_writer.h"
#include "reporters/test_lines.h"

namespace trun {

/// Takes text in order; an Error ends the reporter.
using TextSink = std::function<Status(std::string_view)>;

class TerminalReporter : public Reporter {
 public:
  /// `errors` takes the lines that tests wrote to stderr past the capture; without it they go to `sink`.
  TerminalReporter(TerminalOptions options, TextSink sink, TextSink errors = {});

  const char* name() const override { return "terminal"; }

  /// On a terminal every event is written at once. Otherwise text waits for the end of its line, or for the next
  /// Progress or RunFinished: a letter is not worth a system call.
  Status on_event(const RunEvent& event, const RunLog& log) override;

  /// The JUnit report goes there.
  void name_junit(const std::string& path) { options_.junit_path = path; }
  /// What follows is written as these say, in as many columns as before.
  void take_options(TerminalOptions options);

 private:
  void on(const event::RunStarted& e);
  void on(const event::CollectionFinished& e);
  void on(const event::TestFinished& e);
  void on(const event::WarningRecorded& e);
  void on(const event::OutputLine& e);
  void on(const event::Notice& e);
  void on(const event::Progress& e);
  void on(const event::RunFinished& e);
  void on(const event::WorkerStarted&) {}
  void on(const event::WorkerExited&) {}
  void on(const event::WorkerRecycled& e);
  void on(const event::PluginSummary&) {}
  void on(const event::SuiteProperty&) {}
  void on(const event::ResourcesTaken&) {}
  void on(const event::ResourcesReleased&) {}
  void on(const event::RunStopped&) {}
  void on(const event::CleanupFinished&) {}

  void end_test_lines();
  void write_own_line(std::string_view text, Markup markup = {});
  void write_summary();
  void write_max_warnings();
  void write_not_run();
  Status flush();

  TerminalOptions options_;
  std::string chars_;
  const TextSink sink_;
  const TextSink errors_;

  TerminalWriter writer_;
  std::string error_lines_;  ///< not yet given to `errors_`
  TestLines tests_;
  LiveLine live_;
  const RunLog* log_ = nullptr;  ///< of the event at hand
  bool is_over_ = false, lines_ended_ = false;
  bool wants_flush_ = false;
};

}  // namespace trun
