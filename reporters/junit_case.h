// JunitCase: what a JUnit file says of one test, before it is XML. All the decisions are here: which of several reports
// is the result, what its message and type are, what counts as a failure, an error, a skip. Names and messages are
// pytest's (junitxml.py).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reporters/junit.h"

namespace trun {

/// One of the elements that say how an attempt ended. No tag: it passed.
struct JunitVerdict {
  std::string tag;  ///< "failure", "error", "skipped"
  std::string message, type, text;
};

/// What a testcase is called.
struct JunitNames {
  std::string classname, name, file;
};

struct JunitCase : JunitNames {
  int line = -1;  ///< 0-based, as pytest has it; -1: unknown
  double seconds = 0;
  JunitVerdict verdict;
  /// What the suite's totals count, by tag: the test, and as pytest does each of its subtests.
  std::vector<std::string> counted;
  /// Subtests that were skipped.
  std::vector<JunitVerdict> skips;
  /// Attempts before the last, each a failure or an error.
  std::vector<JunitVerdict> reruns;
  std::vector<std::pair<std::string, std::string>> properties;
  /// record_xml_attribute's, but for `classname` and `name`.
  std::vector<std::pair<std::string, std::string>> attributes;
  std::string system_out, system_err;
};

/// Whether testcases have file and line, and any attribute that a test records.
bool has_location(const JunitOptions& options);

/// pytest's mangle_test_address, in place of what `out` held.
void set_names(JunitNames& out, std::string_view node_id, const JunitOptions& options);

/// The time of a testcase, at least 0.
Duration time_of(const TestResult& result, const JunitOptions& options);

/// Whether there is nothing to say of a test but that it passed, on its first attempt.
bool is_plain_pass(const TestResult& result);

/// The testcase of a test. `attempts` are its results, the deciding one last. REQUIRES: not empty.
JunitCase junit_case(const TestItem& item, const std::vector<const TestResult*>& attempts, const JunitOptions& options);

/// The testcase of a collector that failed or was skipped.
JunitCase junit_case(const event::CollectReport& collected, const JunitOptions& options);

}  // namespace trun
