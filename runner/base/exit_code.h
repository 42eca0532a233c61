// The exit code of a run: pytest's, for the same tests and arguments. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "runner/base/session_end.h"

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
  std::optional<int> stopped;     ///< pytest.exit, an interrupt, an internal error: its code wins
  std::size_t not_run = 0;        ///< tests that found no worker
  std::optional<int> collection;  ///< what errors of collectors mean, where that is not kFailed
  std::size_t failed = 0;         ///< tests and collectors
  std::vector<SessionEnd> sessions;
  std::size_t collected = 0, warnings = 0;
  std::optional<int> max_warnings;  ///< --max-warnings
};

int exit_code(const ExitFacts& facts);

}  // namespace trun
