// Where a service listens, for messages: instead of the port that it was given, perhaps.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "runner/base/result.h"

namespace trun {

/// "; its processes listen on port 8000", of TCP ports; empty: on none, or nothing is known.
std::string listening_instead(pid_t pid);

/// Error (usage): somebody has it; who.
Status port_is_free(std::uint16_t port);

}  // namespace trun
