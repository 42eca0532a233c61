// CheckAllocations: whether a run gave its resources out rightly, judged from its event log alone. A book
// of its own over what the log says: it knows nothing of how the scheduler decides, so that neither's mistake hides the
// other's. Its program is main.cc.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace trun {

/// Kinds of what is wrong:
///   oversubscribed          a unit had two holders, or does not exist; or tests at work had together, by their own
///                           times, more than there is
///   writer_beside_reader    a unit was shared and not shared at one time
///   serial_beside           something was held, or a test ran, beside a test that is to run alone
///   ran_without             a test began before it held what it demands, or never did
///   released_early          its resources were released before it had ended
///   taken_twice             a hold was taken again, or a worker took a second one
///   released_without_take   a worker released what it did not hold
///   held_at_end             never released
///   unknown_resource, capacity_changed, wrong_units
///                           not what the run began with; not as many units as were taken
///   run_twice, unknown_test a second verdict on one attempt; a test that was not collected
///   time_backwards, truncated, unreadable
///                           the log itself
struct Violation {
  std::size_t line = 0;  ///< of the log, from 1; one behind the last for what never came
  std::string kind;      ///< see above
  std::string what;
};

struct AllocationCheck {
  std::vector<Violation> violations;  ///< by line
  std::size_t tests = 0;              ///< that ended
  std::size_t holds = 0;              ///< takings of resources
};

/// Checks the text of an event log.
AllocationCheck check_allocations(std::string_view log);

}  // namespace trun
