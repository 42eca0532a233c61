// The one clock of trun. Steady (CLOCK_MONOTONIC), the same clock as Python's time.perf_counter_ns() on
// Linux, so that the times a worker writes into its status page can be compared with the engine's own.
// Pure code never reads it: time comes in as an argument.
#pragma once

#include <chrono>

namespace trun {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Duration = std::chrono::nanoseconds;

/// Seconds as a double, for reports.
inline double seconds(Duration d) { return std::chrono::duration<double>(d).count(); }

}  // namespace trun
