// Plan: which worker collects which file, when collection is sharded, and who is to run what. A pure division by
// estimate; what happens when estimates turn out wrong is the scheduler's business.
#pragma once

#include <cstdint>
#include <vector>

#include "runner/base/clock.h"
#include "runner/base/test_item.h"

namespace trun {

/// Who does each piece of work, by piece: longest first, each to the one with the least to do, the first of equals.
/// `loads`: what each has to do already. REQUIRES: `loads` is not empty.
std::vector<Slot> least_loaded(const std::vector<double>& costs, std::vector<double> loads);

/// The slot (0..workers-1) that collects each file, by file. Longest first, each to the slot with the least to do.
/// `directories`: by file, the number of its directory; files of one directory then go to one slot as long as that
/// leaves no slot with more than its equal share. Empty: directories do not matter. The same arguments give the same
/// plan. REQUIRES: workers > 0; `directories` empty or as long as `estimates`.
std::vector<Slot> shard_owners(const std::vector<Duration>& estimates, unsigned workers,
                               const std::vector<std::uint32_t>& directories = {});

}  // namespace trun
