// Bound sockets: how a port is tried, guarded, and handed over. Each call makes and binds sockets and says what the
// kernel says; which port, and who may have it, is decided by PortLeases. All sockets are close-on-exec.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runner/base/result.h"
#include "runner/kernel/fd.h"

namespace trun {

/// Whether any server could bind `port` now: TCP and UDP, IPv4 and IPv6, on all addresses, with no option set. False
/// also for connections of an earlier server that the kernel still remembers (TIME_WAIT). Error: no socket can be made.
Result<bool> is_free_for_all(std::uint16_t port);

/// Whether a TCP server that sets SO_REUSEADDR, as most do, could bind `port` on all addresses.
Result<bool> is_free_for_servers(std::uint16_t port);

/// Sockets that hold `port` without listening. A server binds the port under them if it sets SO_REUSEADDR or
/// SO_REUSEPORT, and gets "Address already in use" if it sets neither; they take no connection of its. Error: `port` is
/// taken.
Result<std::vector<Fd>> guard_port(std::uint16_t port);

/// A TCP socket (SO_REUSEADDR) bound to `port` on `address`: a number such as "127.0.0.1", "0.0.0.0", "::1", "::".
/// Error: the address is none of this machine, or the port is taken on it.
Result<Fd> bind_port(std::uint16_t port, const std::string& address);

/// The same, listening.
Result<Fd> listen_on_port(std::uint16_t port, const std::string& address);

/// The name "trun-port-N" in the kernel's abstract namespace of AF_UNIX, which reaches as far as port numbers do (a
/// network namespace) and is free again when its holder ends in whatever way. An invalid Fd: somebody else has it.
Result<Fd> claim_number(std::uint16_t port);

}  // namespace trun
