#include "runner/base/test_result.h"

#include <algorithm>
#include <string_view>

namespace trun {

Outcome outcome_of(const std::vector<PhaseReport>& reports) {
  // A subtest that was skipped is no word on the test that it is part of.
  const auto any = [&](std::string_view category) {
    return std::any_of(reports.begin(), reports.end(),
                       [&](const PhaseReport& r) { return r.category == category && r.subtest.empty(); });
  };
  const auto failed = [&](bool in_call) {
    return std::any_of(reports.begin(), reports.end(), [&](const PhaseReport& r) {
      // Every other `when`, also a plugin's own, counts as the call. A failed subtest fails its test.
      const bool fixture_phase = r.when == "setup" || r.when == "teardown";
      return r.outcome == "failed" && !r.wasxfail && fixture_phase != in_call;
    });
  };
  if (failed(true)) return outcome::Failed{};
  if (failed(false)) return outcome::Errored{};
  if (any("xpassed")) return outcome::Xpassed{};
  if (any("xfailed")) return outcome::Xfailed{};
  if (any("skipped")) return outcome::Skipped{};
  return outcome::Passed{};
}

}  // namespace trun
