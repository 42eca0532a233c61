#include "scheduler/worker_count.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace trun {
namespace {

constexpr unsigned kMost = 10000;

unsigned within(unsigned count, double limit) {
  return limit > 0 && limit < count ? static_cast<unsigned>(std::ceil(limit)) : count;
}

unsigned of_machine(const WorkerCountInput& input) {
  const bool physical = input.requested == "auto" && input.physical_cores > 0;
  unsigned count = physical ? input.physical_cores : input.logical_cpus;
  count = within(count, input.affinity);
  count = within(count, input.cgroup_quota);
  return within(count, static_cast<double>(input.tests));
}

Result<unsigned> parsed(const std::string& text) {
  unsigned count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error == std::errc() && end == text.data() + text.size() && count <= kMost) return count;
  return usage_error("-n takes 'auto', 'logical' or a number from 0 to " + std::to_string(kMost) + ", not '" + text +
                     "'");
}

}  // namespace

Result<unsigned> worker_count(const WorkerCountInput& input) {
  const bool machine = input.requested == "auto" || input.requested == "logical";
  TRUN_TRY(asked, machine ? Result<unsigned>(of_machine(input)) : parsed(input.requested));
  if (!machine && asked == 0) return 0U;
  unsigned count = within(asked, input.max_processes);
  if (input.sharded) count = within(count, static_cast<double>(std::max<std::size_t>(1, input.files)));
  return std::max(1U, count);
}

}  // namespace trun
