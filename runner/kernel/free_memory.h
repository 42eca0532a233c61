// FreeMemory: how much memory the run may take without harm to others: what the machine can spare, or what the control
// groups (v2 or v1) that trun is in still allow, whichever is less.
#pragma once

#include <cstdint>
#include <string>

namespace trun {

/// Bytes; 0 where nobody knows. `root` is put before /proc and /sys (tests).
std::uint64_t free_memory(const std::string& root = "");

}  // namespace trun
