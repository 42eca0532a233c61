#include "runner/workers/standstill.h"

#include <algorithm>

#include "runner/kernel/posix.h"

namespace trun {
namespace {

/// A worker that has begun something so lately is not looked at.
constexpr Duration kAtWork = std::chrono::seconds(1);
constexpr Duration kBetweenLooks = std::chrono::milliseconds(500);
/// So many looks in a row must show it: the threads of one look are not seen at the same moment.
constexpr unsigned kLooks = 4;

}  // namespace

bool stands_still(WorkerProcess& worker, TimePoint now) {
  // A fresh worker has the threads that its imports have started. One that waits for itself would do so under pytest as
  // well.
  if (worker.fresh || worker.done || worker.stopping) return false;
  Still& still = worker.still;
  const auto snapshot = worker.page.snapshot();
  if (!snapshot.ok() || snapshot->debugging) return false;
  // The latest sign that it has moved. Any new one begins the count anew.
  const TimePoint since = std::max({snapshot->since, worker.forked, worker.collecting_since});
  if (since != still.since) still = {since, now, 0};
  if (now - since < kAtWork || now - still.looked < kBetweenLooks) return false;
  still.looked = now;
  // A look that shows one thread at work, or in a wait that somebody else can end, takes all earlier looks back.
  still.looks = posix::waits_for_itself(worker.pid) ? still.looks + 1 : 0;
  return still.looks >= kLooks;
}

}  // namespace trun
