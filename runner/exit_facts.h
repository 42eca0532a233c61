// What a run has come to, gathered from those who know it: what its exit code follows from (exit_code.h).
#pragma once

#include <optional>

#include "runner/exit_code.h"
#include "runner/run_tally.h"
#include "runner/workers/crew.h"

namespace trun {

/// `errors` of collecting `collected` tests.
ExitFacts exit_facts(std::optional<int> stopped, std::size_t errors, std::size_t collected, const RunTally& tally,
                     const Crew& crew, std::optional<int> max_warnings);

}  // namespace trun
