// Heap: what this process has freed and still holds.
#pragma once

namespace trun {

/// Gives pages that are free back to the system, where the C library can. Takes a few milliseconds: for after something
/// large, not for a loop.
void give_back_free_memory();

}  // namespace trun
