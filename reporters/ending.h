// Endings that pytest has no report for (a crash, a timeout, a lost worker...) as reports in pytest's form, so that
// every reader of reports shows them like any failure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runner/base/test_result.h"

namespace trun {

/// True for the outcomes that are not pytest's own.
bool is_ending(const Outcome& outcome);

/// "CRASHED", "TIMEOUT", ...: the verbose word of an ending.
std::string_view ending_word(const Outcome& outcome);

/// The `type` that JUnit readers see: "crash", "timeout", "leak", "out of memory", ...
std::string_view ending_type(const Outcome& outcome);

/// The report that trun itself makes for `result`: for endings (category "failed", letter "F"), and for a result that
/// is not a pass and came without reports. Nothing for what pytest reported itself, for a plain pass, and for what did
/// not run.
std::optional<PhaseReport> made_report(const NodeId& node_id, const TestResult& result);

/// A test that has an ending did not pass, whatever its reports say: those of the category "passed" do not count.
bool is_overruled(const TestResult& result, const PhaseReport& report);

/// The word of a report; from its category where it came without ("error" -> "ERROR").
std::string word_of(const PhaseReport& report);

/// The category of a collector's report, which pytest_report_teststatus never saw: "error" or "skipped".
std::string_view collect_category(const PhaseReport& report);

/// What the short test summary says of a failure: its crash message, or its longrepr where that is a mere string.
/// Nothing where pytest has nothing (a collection error, a missing fixture).
std::optional<std::string_view> failure_message(const PhaseReport& report);

}  // namespace trun
