#include "runner/ports/port_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

namespace trun {
namespace {

constexpr int kBacklog = 128;

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  int family = AF_UNSPEC;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

/// AF_UNSPEC: `text` is no address.
Address address_of(const std::string& text, std::uint16_t port) {
  Address address;
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  // Numbers only: a name would have to be looked up, which may take long and give several.
  if (::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&address.storage, &v4, address.size = sizeof v4);
    address.family = AF_INET;
  } else if (::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&address.storage, &v6, address.size = sizeof v6);
    address.family = AF_INET6;
  }
  return address;
}

Error failed(const std::string& attempt) { return internal_error(attempt + ": " + std::strerror(errno)); }

void set_option(const Fd& socket, int level, int name) {
  const int on = 1;
  (void)::setsockopt(socket.get(), level, name, &on, sizeof on);
}

struct Kind {
  int family, type;
};
constexpr Kind kTcp[] = {{AF_INET, SOCK_STREAM}, {AF_INET6, SOCK_STREAM}};
constexpr Kind kAll[] = {
    {AF_INET, SOCK_STREAM}, {AF_INET6, SOCK_STREAM}, {AF_INET, SOCK_DGRAM}, {AF_INET6, SOCK_DGRAM}};

/// A socket on all addresses of its family, or why there is none.
struct Bound {
  Fd socket;
  int error = 0;  ///< 0 without a socket: the machine has no such family
};

Bound bind_everywhere(const Kind& kind, std::uint16_t port, bool reuse_address, bool reuse_port) {
  // A machine without IPv6 has no such sockets: then nobody can hold a port there, and it counts as free.
  Fd socket(::socket(kind.family, kind.type | SOCK_CLOEXEC, 0));
  if (!socket) return {Fd(), errno == EAFNOSUPPORT ? 0 : errno};
  // Without it an IPv6 socket takes IPv4 as well, and would collide with our own of IPv4 (ipv6(7)).
  if (kind.family == AF_INET6) set_option(socket, IPPROTO_IPV6, IPV6_V6ONLY);
  if (reuse_address) set_option(socket, SOL_SOCKET, SO_REUSEADDR);
  if (reuse_port) set_option(socket, SOL_SOCKET, SO_REUSEPORT);
  const Address address = address_of(kind.family == AF_INET ? "0.0.0.0" : "::", port);
  if (::bind(socket.get(), address.get(), address.size) == 0) return {std::move(socket), 0};
  return {Fd(), errno == EADDRNOTAVAIL ? 0 : errno};  // IPv6 may be compiled in and switched off
}

template <typename Kinds>
Result<bool> is_free(const Kinds& kinds, std::uint16_t port, bool reuse_address) {
  for (const Kind& kind : kinds) {
    const Bound bound = bind_everywhere(kind, port, reuse_address, false);
    // `bound.socket` is closed at the end of each turn: a bound socket that never listened or connected leaves no
    // TIME_WAIT.
    if (bound.error == EADDRINUSE) return false;
    if (bound.error != 0) {
      errno = bound.error;
      return failed("cannot try port " + std::to_string(port));
    }
  }
  return true;
}

}  // namespace

Result<bool> is_free_for_all(std::uint16_t port) { return is_free(kAll, port, false); }

// With SO_REUSEADDR, connections in TIME_WAIT do not count (socket(7)). Without it, as above, they do.
Result<bool> is_free_for_servers(std::uint16_t port) { return is_free(kTcp, port, true); }

Result<std::vector<Fd>> guard_port(std::uint16_t port) {
  std::vector<Fd> guards;
  for (const Kind& kind : kTcp) {
    // Both options: a socket that does not listen lets others bind that have set one of them, too.
    Bound bound = bind_everywhere(kind, port, true, true);
    errno = bound.error;
    if (bound.error != 0) return failed("cannot hold port " + std::to_string(port));
    if (bound.socket) guards.push_back(std::move(bound.socket));
  }
  return guards;
}

Result<Fd> bind_port(std::uint16_t port, const std::string& address) {
  const Address place = address_of(address, port);
  const std::string attempt = "cannot bind port " + std::to_string(port) + " on '" + address + "'";
  // The address comes from a test; the error is raised in the fixture that gave it.
  if (place.family == AF_UNSPEC) return usage_error(attempt + ": not an address; give it as a number, as 127.0.0.1");
  Fd socket(::socket(place.family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return failed(attempt);
  // A test that starts its server anew binds the number again while connections of the last one are in TIME_WAIT.
  set_option(socket, SOL_SOCKET, SO_REUSEADDR);
  if (::bind(socket.get(), place.get(), place.size) != 0) return failed(attempt);
  return socket;
}

Result<Fd> listen_on_port(std::uint16_t port, const std::string& address) {
  TRUN_TRY(socket, bind_port(port, address));
  if (::listen(socket.get(), kBacklog) != 0) return failed("cannot listen on port " + std::to_string(port));
  return socket;
}

Result<Fd> claim_number(std::uint16_t port) {
  const std::string name = "trun-port-" + std::to_string(port);
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return failed("cannot make a socket");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name.data(), name.size());  // a zero byte first: no file
  // The length ends an abstract name, not a zero: bytes behind it would be part of the name (unix(7)).
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0) return socket;
  // Somebody holds the name. It is no file that a dead process could leave: the kernel frees it with the socket
  // (unix(7)).
  if (errno == EADDRINUSE) return Fd();
  return failed("cannot claim " + name);
}

}  // namespace trun
