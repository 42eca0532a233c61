// Descriptors: what trun does about its own at its very start, so that neither a caller's closed streams nor a caller's
// low limit decide what works.
#pragma once

namespace trun {

/// Opens /dev/null wherever descriptor 0, 1 or 2 is closed: the first socket or pipe would get that number, and every
/// print would go into it. REQUIRES: nothing was opened yet.
void fill_standard_streams();

/// Raises the soft limit on descriptors to the hard one: workers, pipes and ports are many. What is started gets back
/// the limit that trun itself was started with (restore_descriptor_limit), since a test can see it.
void raise_descriptor_limit();

/// Between fork and exec: the limit that trun was started with.
void restore_descriptor_limit();

}  // namespace trun
