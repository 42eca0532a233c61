// WakeUp: the guardian's call to an engine that hangs in a system call: a report that nobody reads, a disk that is
// gone. Its signal interrupts the call; whoever made it asks woken() and gives up instead of trying again. An engine
// that does not answer is killed by the guardian.
#pragma once

namespace trun {

/// None that the engine or anybody it starts uses otherwise.
int wake_up_signal();

/// From now on this process answers the signal. Not inherited by what it executes.
void answer_wake_ups();

/// Whether it was called. Stays true: the run is to end.
bool woken();

}  // namespace trun
