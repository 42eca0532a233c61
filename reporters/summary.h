// What the terminal says once the tests are over: the sections of failures, warnings and durations, the short test
// summary, the closing line. pytest's text (_pytest/terminal.py, _pytest/runner.py), from a finished RunLog.
#pragma once

#include "reporters/category_counts.h"
#include "reporters/run_log.h"
#include "reporters/stats.h"
#include "reporters/terminal_options.h"
#include "reporters/terminal_writer.h"

namespace trun {

/// Where and how the parts of the summary are written. References; all outlive it.
struct Summary {
  const RunLog& log;
  const Stats& stats;
  const TerminalOptions& options;
  const std::string& chars;  ///< TerminalOptions::report_chars()
  TerminalWriter& writer;

  bool wants(char c) const { return chars.find(c) != std::string::npos; }
};

/// ERRORS, FAILURES, XFAILURES.
void write_errors(const Summary& summary);
void write_failures(const Summary& summary);
void write_xfailures(const Summary& summary);
/// PASSES or XPASSES, for -rP and -rX.
void write_passes(const Summary& summary, std::string_view category, std::string_view title, char wanted);
/// "warnings summary": equal messages once, with the places where they came from.
void write_warnings(const Summary& summary);
/// "slowest durations".
void write_durations(const Summary& summary);
/// "short test summary info", what -r asked for.
void write_short_summary(const Summary& summary);
/// "!!!! stopping after 1 failures !!!!".
void write_stop_reason(const Summary& summary);
/// "=== 3 failed, 97 passed in 1.23s ===", without the "=" if quiet.
void write_closing_line(const Summary& summary, const CategoryCounts& counts, bool is_last_item);

}  // namespace trun
