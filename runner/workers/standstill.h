// Standstill: finds workers that a fork has left without the threads they wait for. Such a process waits for itself for
// ever: each of its threads waits in the kernel, without a limit, for another thread of the same process. It only
// looks; what follows is the engine's.
#pragma once

#include "runner/base/clock.h"
#include "runner/workers/worker_process.h"

namespace trun {

/// Whether `worker`, which was forked after the user's imports, has stood still for some seconds. Called on every tick;
/// keeps what it has seen in `worker.still`. Never true of a worker that imports everything itself: there it would be
/// the same under pytest, and the test's time limit ends it.
bool stands_still(WorkerProcess& worker, TimePoint now);

}  // namespace trun
