// The sweep: the end of everything that descends from this process. For the last step of the engine and of the
// guardian; there are no second thoughts in it (SIGTERM and grace come before, elsewhere).
#pragma once

#include <vector>

#include "runner/base/clock.h"
#include "runner/base/result.h"
#include "runner/kernel/posix.h"

namespace trun {

struct Sweep {
  std::vector<pid_t> killed;     ///< were alive and got SIGKILL
  std::vector<pid_t> survivors;  ///< children that were still there at the deadline (uninterruptible, or forking faster
                                 ///< than we kill)
};

/// One round of it, without waiting: SIGKILLs every child of this process, reaps those that have ended, and looks again
/// as long as that brings up others. Those that are left; empty: nobody is. REQUIRES: as below.
Result<std::vector<pid_t>> sweep_round(const std::vector<pid_t>& spared = {});

/// SIGKILLs every child of this process, reaps it, and goes on with those that it leaves behind, until there is none or
/// the deadline has passed. `spared` children and what descends from them are left alone. Blocks. REQUIRES: this
/// process is a subreaper (else orphans escape), and nobody else waits for its other children any more.
Result<Sweep> kill_descendants(TimePoint deadline, const std::vector<pid_t>& spared = {});

}  // namespace trun
