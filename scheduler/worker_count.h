// WorkerCount: what -n means on this machine, for this run. Pure: the machine's numbers come in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "runner/base/result.h"

namespace trun {

struct WorkerCountInput {
  std::string requested = "auto";  ///< "auto", "logical" or a number
  unsigned processors = 1;         ///< logical ones that this process may use
  double cgroup_quota = 0;         ///< CPUs worth of time the cgroup gives; 0: no limit
  unsigned max_processes = 0;      ///< --maxprocesses; 0: no limit
  std::optional<int> told;         ///< the number for "auto" and "logical" by environment or hook: taken as it is
  std::size_t files = 0;           ///< that may have tests
  std::size_t tests = 0;           ///< estimated; 0: unknown
  bool sharded = false;
  std::uint64_t free_memory = 0;  ///< bytes that can be had without harm to anybody; 0: unknown
};

/// What a worker is taken to need, by "auto" and "logical": an interpreter with pytest, and tests of the usual kind.
constexpr std::uint64_t kWorkerMemory = 200ull << 20;

struct WorkerCount {
  unsigned count = 0;
  std::string why;  ///< what set it: "2 processors", "cpu quota of the control group (1.5)", "5 tests"
};

/// The number of workers. "auto" and "logical" are one: the processors, within quota (rounded up) and free memory, and
/// no more than there are tests. (xdist's "auto" counts cores where psutil is installed; without it, as here.) Sharded:
/// never more than there are files. 0 only if "0" was asked for (one worker that is none to its plugins). Error
/// (usage): not a number, or more than 10000.
Result<WorkerCount> worker_count(const WorkerCountInput& input);

}  // namespace trun
