// Who holds a port: the process behind a socket, from /proc/net/tcp and the descriptors of processes. For error
// messages: an answer may be out of date when it is read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace trun {

/// One line of /proc/net/tcp or tcp6.
struct TcpSocket {
  std::uint16_t local_port = 0;
  unsigned state = 0;       ///< as in the kernel's tcp_states.h: 6 TIME_WAIT, 10 LISTEN
  std::uint64_t inode = 0;  ///< 0: the socket belongs to no process any more
  bool operator==(const TcpSocket&) const = default;
};

/// What is not as the kernel writes it is left out.
std::vector<TcpSocket> parse_tcp_sockets(std::string_view text);

/// "process 4711 (python -m http.server 8000)"; "a process of another user, or in another container" where it cannot be
/// seen; "connections of an earlier server (TIME_WAIT)"; empty: no TCP socket has that port.
std::string holder_of_port(std::uint16_t port);

}  // namespace trun
