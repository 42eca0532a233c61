// The one reaper of orphans: descendants that lost their parent and became children of this process (a subreaper) are
// waited for here, and only they. A known child (worker, fork server, service) is left to its own wait: a status that
// is taken away from under it would look like exit 0.
#pragma once

#include <functional>
#include <vector>

#include "runner/base/result.h"
#include "runner/kernel/posix.h"

namespace trun {

struct Reaped {
  pid_t pid = 0;
  posix::ExitStatus status;
};

/// Waits for every ended child for which `is_known` is false, without blocking. Called on SIGCHLD and after each wait
/// for a known child. A worker that dies before the engine has heard of its pid is among them: keep the statuses while
/// a fork request is open.
Result<std::vector<Reaped>> reap_strangers(const std::function<bool(pid_t)>& is_known);

}  // namespace trun
