#include "runner/ports/port_holder.h"

#include <dirent.h>
#include <sys/types.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>

#include "runner/kernel/posix.h"
#include "runner/kernel/proc_text.h"

namespace trun {
namespace {

// TCP_TIME_WAIT and TCP_LISTEN of the kernel's include/net/tcp_states.h.
constexpr unsigned kTimeWait = 6, kListen = 10;

template <typename Number>
std::optional<Number> parse_number(std::string_view text, int base) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (line.empty()) return words;
    words.push_back(line.substr(0, line.find_first_of(" \t")));
    line.remove_prefix(words.back().size());
  }
}

/// "0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 12345 1 ..."
std::optional<TcpSocket> parse_line(std::string_view line) {
  const auto words = words_of(line);
  // Columns: number, local address, remote address, state, queues, timer, retransmits, uid, timeout, inode.
  if (words.size() < 10) return std::nullopt;
  const auto port = parse_number<std::uint16_t>(words[1].substr(words[1].rfind(':') + 1), 16);
  const auto state = parse_number<unsigned>(words[3], 16);
  const auto inode = parse_number<std::uint64_t>(words[9], 10);
  if (!port || !state || !inode) return std::nullopt;  // the heading
  return TcpSocket{*port, *state, *inode};
}

std::vector<TcpSocket> sockets_at(std::uint16_t port) {
  std::vector<TcpSocket> found;
  // A server on "::" is in tcp6 only, also if it takes IPv4.
  for (const char* name : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    for (const TcpSocket& socket : parse_tcp_sockets(posix::file_text(name))) {
      if (socket.local_port == port) found.push_back(socket);
    }
  }
  return found;
}

std::optional<pid_t> owner_of(std::uint64_t inode) {
  // Descriptors of sockets are links with this text (proc(5)). Those of other users cannot be read, except by root.
  const std::string wanted = "socket:[" + std::to_string(inode) + "]";
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc"), &::closedir);
  while (const dirent* entry = folder ? ::readdir(folder.get()) : nullptr) {
    const auto pid = posix::parse_pid(entry->d_name);
    if (!pid) continue;
    const auto files = posix::open_files(*pid);
    if (std::any_of(files.begin(), files.end(), [&](const auto& file) { return file.second == wanted; })) return *pid;
  }
  return std::nullopt;
}

}  // namespace

std::vector<TcpSocket> parse_tcp_sockets(std::string_view text) {
  std::vector<TcpSocket> found;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (const auto socket = parse_line(text.substr(0, end))) found.push_back(*socket);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return found;
}

std::string holder_of_port(std::uint16_t port) {
  auto sockets = sockets_at(port);
  if (sockets.empty()) return {};
  // A server's connections have its port too: the one that listens is the holder.
  std::stable_partition(sockets.begin(), sockets.end(), [](const auto& socket) { return socket.state == kListen; });
  for (const TcpSocket& socket : sockets) {
    // In TIME_WAIT a socket is the kernel's alone: its inode is 0.
    const auto pid = socket.inode == 0 ? std::nullopt : owner_of(socket.inode);
    const auto facts = pid ? posix::process_facts(*pid) : std::nullopt;
    if (facts) return "process " + std::to_string(*pid) + " (" + facts->command + ")";
  }
  // Nobody's process was found: either there is none any more, or it is hidden from this user.
  const bool remembered =
      std::all_of(sockets.begin(), sockets.end(), [](const auto& socket) { return socket.state == kTimeWait; });
  return remembered ? "connections of an earlier server (TIME_WAIT), which the kernel forgets within a minute"
                    : "a process of another user, or in another container";
}

}  // namespace trun
