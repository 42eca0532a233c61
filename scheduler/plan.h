// Plan: which worker collects which file, when collection is sharded. A pure division by estimate; what happens when
// estimates turn out wrong is the scheduler's business.
#pragma once

#include <cstdint>
#include <vector>

#include "runner/base/clock.h"
#include "runner/base/test_item.h"

namespace trun {

/// The slot (0..workers-1) that collects each file, by file. Longest first, each to the slot with the least to do.
/// `directories`: by file, the number of its directory; files of one directory then go to one slot as long as that
/// leaves no slot with more than its equal share. Empty: directories do not matter. The same arguments give the same
/// plan. REQUIRES: workers > 0; `directories` empty or as long as `estimates`.
std::vector<Slot> shard_owners(const std::vector<Duration>& estimates, unsigned workers,
                               const std::vector<std::uint32_t>& directories = {});

}  // namespace trun
