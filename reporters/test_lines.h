// TestLines: what is written while tests finish: letters, or with -v a line each, and the progress beside them. With
// `-n 0` in pytest's own form, with workers in that of xdist. It writes into a TerminalWriter and knows nothing of the
// live line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reporters/category_counts.h"
#include "reporters/node_name.h"
#include "reporters/terminal_options.h"
#include "reporters/terminal_writer.h"
#include "runner/base/test_result.h"

namespace trun {

class TestLines {
 public:
  /// Both must outlive this.
  TestLines(const TerminalOptions& options, TerminalWriter& writer);

  /// The tests that will be reported; before the first of them.
  void begin(const Collection& collection);
  void add(const TestResult& result);
  /// The loop is over: the last "[100%]", unless the run was stopped.
  void finish(bool stopped);

  /// Ends a line that tests have been written on, with pytest's idea of when that is needed.
  void ensure_newline();
  /// Somebody else wrote whole lines in between: the next letters begin on a line of their own.
  void interrupted();

  /// Also counts what is not a test: the reporter adds collection errors, warnings, deselected tests.
  CategoryCounts& counts() { return counts_; }
  const CategoryCounts& counts() const { return counts_; }
  bool is_last_item() const { return reported_ == collected_; }
  std::size_t reported() const { return reported_; }

 private:
  enum class Progress { none, percent, count, times };

  void write_report(const NodeId& id, const TestResult& result, const PhaseReport& report);
  void write_letter(const PhaseReport& report);
  void write_own_line(const NodeId& id, const PhaseReport& report);
  void write_worker_line(const NodeId& id, Slot slot, const PhaseReport& report);
  void write_path(const NodeId& id);
  void write_reason(const PhaseReport& report);
  void write_progress_if_past_edge();
  void write_progress_to_edge();
  std::string progress_message();
  std::string times_message();
  Color main_color() const { return counts_.main_color(is_last_item()); }
  bool is_verbose() const { return options_.verbosity > 0; }

  const TerminalOptions& options_;
  TerminalWriter& writer_;
  const Viewpoint viewpoint_;
  const Progress progress_;

  const Collection* collection_ = nullptr;
  std::size_t collected_ = 0, reported_ = 0;
  std::vector<bool> is_reported_;       ///< by item: a second attempt does not count again
  std::vector<std::size_t> file_left_;  ///< by file: tests still to come, for console_output_style "times"
  Duration untold_{0};                  ///< time of tests not yet in a "times" message
  bool is_file_done_ = false;
  CategoryCounts counts_;

  /// pytest's currentfspath: the file whose letters are on the current line, or that something is on it.
  std::string current_;
  bool has_begun_ = false;
};

/// The reason that a user gave for a skip, xfail or xpass, without pytest's prefixes.
std::string_view skip_reason(const PhaseReport& report);

}  // namespace trun
