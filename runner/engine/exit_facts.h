// What a run has come to, gathered from those who know it: what its exit code follows from (exit_code.h).
#pragma once

#include <optional>

#include "runner/base/exit_code.h"
#include "runner/engine/merge.h"
#include "runner/reporting/run_tally.h"
#include "runner/workers/crew.h"

namespace trun {

/// `gathered`: of collecting `collected` tests.
ExitFacts exit_facts(std::optional<int> stopped, const Gathered& gathered, std::size_t collected, const RunTally& tally,
                     const Crew& crew, std::optional<int> max_warnings);

}  // namespace trun
