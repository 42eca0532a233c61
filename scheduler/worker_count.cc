#include "scheduler/worker_count.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace trun {
namespace {

constexpr unsigned kMost = 10000;

/// "1.5", "4".
std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f", value);
  std::string out(text.data());
  while (out.back() == '0') out.pop_back();
  if (out.back() == '.') out.pop_back();
  return out;
}

std::string plural(std::size_t n, const std::string& noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

/// No more than `limit`, rounded up; 0: no limit.
void keep_within(WorkerCount& workers, double limit, const std::string& why) {
  if (limit <= 0 || limit >= workers.count) return;
  workers = {static_cast<unsigned>(std::ceil(limit)), why};
}

WorkerCount of_machine(const WorkerCountInput& input) {
  WorkerCount workers{input.processors, plural(input.processors, "processor")};
  // Each limit names itself in `why` if it lowers the number: the last that does is the one that counts.
  keep_within(workers, input.cgroup_quota, "cpu quota of the control group (" + number(input.cgroup_quota) + ")");
  if (input.free_memory > 0) {
    const auto fit = std::max<std::uint64_t>(1, input.free_memory / kWorkerMemory);
    keep_within(workers, static_cast<double>(fit),
                std::to_string(input.free_memory >> 20) + " MB of free memory, " + std::to_string(kWorkerMemory >> 20) +
                    " MB for each");
  }
  keep_within(workers, static_cast<double>(input.tests), plural(input.tests, "test"));
  return workers;
}

Result<unsigned> parsed(const std::string& text) {
  unsigned count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error == std::errc() && end == text.data() + text.size() && count <= kMost) return count;
  return usage_error("-n takes 'auto', 'logical' or a number from 0 to " + std::to_string(kMost) + ", not '" + text +
                     "'");
}

}  // namespace

Result<WorkerCount> worker_count(const WorkerCountInput& input) {
  const bool machine = input.requested == "auto" || input.requested == "logical";
  WorkerCount workers;
  if (machine && input.told) {
    // From xdist's hook pytest_xdist_auto_num_workers or PYTEST_XDIST_AUTO_NUM_WORKERS: who says a number knows the
    // machine, so nothing of it is looked at.
    if (*input.told < 0) return usage_error("-n auto: " + std::to_string(*input.told) + " is no number of workers");
    workers = {static_cast<unsigned>(*input.told), "told for -n " + input.requested};
    if (workers.count == 0) return workers;
  } else if (machine) {
    workers = of_machine(input);
  } else {
    TRUN_TRY(asked, parsed(input.requested));
    workers = {asked, "-n " + input.requested};
    if (asked == 0) return workers;
  }
  // --maxprocesses also limits a number that was asked for.
  keep_within(workers, input.max_processes, "--maxprocesses " + std::to_string(input.max_processes));
  const std::size_t files = std::max<std::size_t>(1, input.files);
  // A share is whole files: a worker beyond their number would have none.
  if (input.sharded) keep_within(workers, static_cast<double>(files), plural(files, "file"));
  workers.count = std::max(1U, workers.count);
  return workers;
}

}  // namespace trun
