// Overlaps: which tests ran at the same time although they must not have, by their own times and demands alone. For the
// checker of allocations (check_allocations.h): whatever the log says of takings and releases, this is what counted.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "tests/allocations/allocation_log.h"

namespace trun::allocation {

/// Times in the log are rounded, durations of three phases each: what overlaps by less may not overlap at all.
constexpr Micros kTolerance = 5;

/// A test at work.
struct Spell {
  std::size_t line = 0;  ///< of the log, that tells its end
  std::string test, worker;
  Micros from = 0, until = 0;
  const Demands* demands = nullptr;  ///< none: it has none
};

struct Overlap {
  std::size_t line = 0;
  std::string what;
};

/// Moments at which tests together had more of a resource than there is. All that shares, takes part of as much as the
/// one that wants most. One a resource and run of them.
std::vector<Overlap> oversubscribed(const std::vector<Spell>& spells,
                                    const std::map<std::string, std::uint64_t>& capacity);

/// Tests that ran beside one that is to run alone.
std::vector<Overlap> beside_serial(const std::vector<Spell>& spells);

}  // namespace trun::allocation
