// Whether workers can have networks of their own here (network = "namespace"). Asks the kernel by trying, in a child;
// the workers do it for themselves (trun_worker/system/network.py).
#pragma once

#include "runner/base/result.h"

namespace trun {

/// Error (usage): the kernel refuses network namespaces to this user; what to do.
Status probe_own_network();

}  // namespace trun
