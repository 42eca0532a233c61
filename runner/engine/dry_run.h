// Dry run: what `trun --dry-run` says instead of running: the mode with what it adds to the environment, the workers,
// and the tests in the order of the collection with what each asks for. Text made of values; whoever has it prints it.
#pragma once

#include <string>
#include <vector>

#include "runner/base/test_item.h"
#include "runner/config/config.h"
#include "runner/engine/run_plan.h"

namespace trun {

/// Several lines, without a newline at the end. Values of variables are not shown: they may be secrets.
/// `services`: what would be started, a line a phase.
std::string dry_run_text(const Config& config, const RunPlan& plan, const std::vector<std::string>& services,
                         const Collection& collection);

}  // namespace trun
