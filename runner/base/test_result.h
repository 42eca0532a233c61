// What pytest said of one test. A plain pass carries durations only; anything else carries pytest's reports,
// already rendered to text by the worker (C++ never renders a longrepr).
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runner/base/clock.h"
#include "runner/base/outcome.h"
#include "runner/base/rare.h"
#include "runner/base/test_item.h"

namespace trun {

/// One pytest TestReport or CollectReport.
struct PhaseReport {
  std::string when;     ///< "setup", "call", "teardown", "collect", or a plugin's own
  std::string outcome;  ///< "passed", "failed", "skipped", or a plugin's own ("rerun")
  /// pytest_report_teststatus: category ("failed", "error", "xfailed", "", ...), letter, verbose word.
  std::string category, letter, word;
  Duration duration{0};
  std::string longrepr;           ///< as `pytest --color=no` prints it, without the headline
  std::string longrepr_color;     ///< with ANSI codes; empty where colour is off or the same
  bool longrepr_is_text = false;  ///< of a hook or plugin: the summary quotes its first line
  std::string head_line;          ///< pytest's headline of the failure section, "TestA.test_b"
  /// reprcrash: the last line of the failure. Empty path where pytest has none.
  std::string crash_message, crash_path;
  int crash_line = 0;
  std::string exception_type;  ///< "AssertionError"; empty where unknown
  /// A skip's folded (path, 1-based line, reason); wasxfail's reason.
  std::string skip_path, skip_reason;
  int skip_line = 0;
  bool skip_by_mark = false;  ///< pytest folds such skips by file and reason, whatever their line
  std::optional<std::string> wasxfail;
  /// ("Captured stdout call", text) in pytest's order.
  std::vector<std::pair<std::string, std::string>> sections;
  std::vector<std::pair<std::string, std::string>> user_properties;
  std::vector<std::pair<std::string, std::string>> xml_attributes;  ///< record_xml_attribute's, of the whole test
  /// A subtest's description ("[msg] (i=1)"); empty for the test's own report.
  std::string subtest;
};

/// (title, text).
using Evidence = std::vector<std::pair<std::string, std::string>>;

/// What is said of few tests.
struct TestRemarks {
  /// What the worker's process said on its real stdout/stderr before it died (crashes only).
  std::string last_words;
  /// What was found out before the test was stopped: (title, text), such as the stacks of its threads.
  Evidence evidence;
  /// (kind, what) of each thing that it left behind: ("processes", "4711 sleep 100").
  std::vector<std::pair<std::string, std::string>> leaks;
  /// What the worker said of the test to the plugin host (docs/protocol.md), passed on as it is.
  std::string for_host;
};

/// The verdict on one test. There may be a million.
struct TestResult {
  ItemIndex item = 0;
  Slot slot = 0;
  int attempt = 1;
  Outcome outcome;
  TimePoint started{};
  Duration setup{0}, call{0}, teardown{0};
  /// Empty for a plain pass. In pytest's order; several for one phase with subtests.
  std::vector<PhaseReport> reports;
  Rare<TestRemarks> remarks;

  Duration total() const { return setup + call + teardown; }
};

/// The Outcome that pytest's reports of one test add up to: any failed set-up or teardown is an error, any failed
/// call a failure (a failed call with a failed teardown is a failure), then skipped, xfailed, xpassed, passed.
Outcome outcome_of(const std::vector<PhaseReport>& reports);

}  // namespace trun
