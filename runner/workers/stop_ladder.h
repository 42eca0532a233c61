// The ladder by which trun ends a worker: what it is at is written down, then SIGTERM to its group, grace, SIGKILL. It
// never waits; the supervisor climbs it on every tick.
#pragma once

#include <optional>
#include <string>

#include "runner/base/clock.h"
#include "runner/base/outcome.h"
#include "runner/workers/worker_process.h"

namespace trun {

/// The signal on which a worker writes the stacks of its threads into `WorkerProcess::stacks`, with the GIL held by
/// whomever (Python's faulthandler). None that pytest, its plugins or tests commonly use.
int stacks_signal();

/// Asks for the stacks; they are there a moment later. Nothing if the worker is not ready for that.
void ask_for_stacks(const WorkerProcess& worker);
std::string stacks_text(const WorkerProcess& worker);

/// From now on nothing counts that the worker says of the item at `ordinal` (none: it is at no test) and of those
/// after it. `verdict` is passed on that item.
void begin_stop(WorkerProcess& worker, std::string reason, std::optional<std::uint64_t> ordinal, Outcome verdict,
                TimePoint now);
/// The next step, if it is due. REQUIRES: begin_stop().
void advance_stop(WorkerProcess& worker, Duration grace, TimePoint now);

}  // namespace trun
