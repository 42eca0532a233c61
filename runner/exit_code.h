// The exit code of a run: pytest's, for the same tests and arguments. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace trun {

enum ExitCode : int {
  kOk = 0,
  kFailed = 1,
  kInterrupted = 2,
  kInternal = 3,
  kUsage = 4,
  kNothing = 5,
  kMaxWarnings = 6
};

/// What a run has come to.
struct ExitFacts {
  std::optional<int> stopped;  ///< pytest.exit, an interrupt, an internal error: its code wins
  std::size_t not_run = 0;     ///< tests that found no worker
  std::size_t failed = 0;      ///< tests and collectors
  std::vector<int> sessions;   ///< exit codes of the workers' sessions
  std::size_t collected = 0, warnings = 0;
  std::optional<int> max_warnings;  ///< --max-warnings
};

int exit_code(const ExitFacts& facts);

}  // namespace trun
