#include "runner/services/process/service_listeners.h"

#include <fstream>
#include <set>
#include <sstream>

#include "runner/kernel/posix.h"
#include "runner/ports/port_holder.h"
#include "runner/ports/port_socket.h"

namespace trun {
namespace {

// TCP_LISTEN of the kernel's include/net/tcp_states.h.
constexpr unsigned kListen = 10;

std::set<std::uint64_t> sockets_of(pid_t pid) {
  std::vector<pid_t> pids = {pid};
  // A shell or a supervisor may stand between: the one that listens can be any of them.
  if (const auto below = posix::descendants(pid); below.ok()) pids.insert(pids.end(), below->begin(), below->end());
  std::set<std::uint64_t> inodes;
  for (const pid_t each : pids) {
    for (const auto& [fd, name] : posix::open_files(each)) {
      if (name.starts_with("socket:[")) inodes.insert(std::strtoull(name.c_str() + 8, nullptr, 10));
    }
  }
  return inodes;
}

}  // namespace

std::string listening_instead(pid_t pid) {
  if (pid == 0) return {};
  // The kernel's tables name sockets by inode only: whose they are is found by the descriptors of its processes.
  const auto inodes = sockets_of(pid);
  std::set<std::uint16_t> ports;
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream in(table);
    std::ostringstream text;
    text << in.rdbuf();
    for (const TcpSocket& socket : parse_tcp_sockets(text.str())) {
      if (socket.state == kListen && inodes.count(socket.inode)) ports.insert(socket.local_port);
    }
  }
  std::string numbers;
  for (const std::uint16_t port : ports) numbers += (numbers.empty() ? "" : ", ") + std::to_string(port);
  return numbers.empty() ? "" : "; its processes listen on port " + numbers;
}

Status port_is_free(std::uint16_t port) {
  TRUN_TRY(free, is_free_for_servers(port));
  if (free) return ok_status();
  // Empty where the port is bound and nobody listens: such a socket is not in the kernel's table.
  const std::string holder = holder_of_port(port);
  return usage_error("port " + std::to_string(port) + " is taken by " +
                     (holder.empty() ? "a process that has bound it and does not listen" : holder));
}

}  // namespace trun
