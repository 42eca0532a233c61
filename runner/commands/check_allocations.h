// CheckAllocations: whether a run gave its resources out rightly, judged from its event log alone (`trun
// check-allocations LOG`). A book of its own over what the log says: it knows nothing of how the scheduler decides, so
// that neither's mistake hides the other's.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace trun {

struct Violation {
  std::size_t line = 0;  ///< of the log, from 1; one behind the last for what never came
  std::string kind;      ///< "oversubscribed"; docs/resources.md has them all
  std::string what;
};

struct AllocationCheck {
  std::vector<Violation> violations;  ///< by line
  std::size_t tests = 0;              ///< that ended
  std::size_t holds = 0;              ///< takings of resources
};

/// Checks the text of an event log.
AllocationCheck check_allocations(std::string_view log);

/// The subcommand: 0 if the log is in order, 1 with the first violations on stdout if not, 4 if there is no such log.
int run_check_allocations(const std::vector<std::string>& args);

}  // namespace trun
