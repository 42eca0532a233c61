// JUnit XML: one file that pytest's users and the common readers (GitHub actions, GitLab, Jenkins, Datadog, Codecov...)
// agree on. pytest's names and messages, one testcase a test, totals on both levels, nothing that a strict parser
// refuses. Retries are Surefire's flakyFailure and rerunFailure. What stands in one testcase is decided in
// junit_case.h.
#pragma once

#include <string>

#include "reporters/reporter.h"
#include "reporters/run_log.h"

namespace trun {

/// pytest's junit_* ini values and what only the engine knows.
struct JunitOptions {
  std::string suite_name = "pytest";
  std::string family = "xunit2";  ///< "xunit2", "xunit1", "legacy"; the latter two have file and line
  std::string logging = "no";     ///< "no", "log", "system-out", "system-err", "out-err", "all"
  bool log_passing_tests = true;
  std::string duration_report = "total";  ///< "total", "call"
  std::string prefix;                     ///< before each classname, with a dot
  std::string hostname;
};

/// The document. Testcases: collection errors and skips, then the tests in collection order, then, if the run failed
/// internally, one "internal" error with the notices. Tests that were not reached before -x or an interruption are left
/// out, as pytest does.
std::string junit_xml(const RunLog& log, const JunitOptions& options);

/// Writes junit_xml to `path` when the run is over, at once and whole. Nothing if `path` is empty.
class JunitReporter : public Reporter {
 public:
  JunitReporter(std::string path, JunitOptions options) : path_(std::move(path)), options_(std::move(options)) {}
  const char* name() const override { return "junit"; }
  void write_to(std::string path) { path_ = std::move(path); }
  Status on_event(const RunEvent& event, const RunLog& log) override;

 private:
  std::string path_;
  const JunitOptions options_;
};

}  // namespace trun
