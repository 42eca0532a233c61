#include "runner/ports/port_range.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "runner/kernel/posix.h"

namespace trun {
namespace {

constexpr std::size_t kEnough = 500;
constexpr PortInterval kUsual{10000, 65535}, kUnprivileged{1024, 65535};
/// Linux's default.
constexpr PortInterval kDefaultRange{32768, 60999};

/// What servers listen on when nobody tells them otherwise (IANA's registry, and the servers' own documentation): a
/// test may start one of those at any time.
constexpr std::array<PortInterval, 12> kWellKnown = {{{10000, 10000},
                                                      {10250, 10260},
                                                      {11211, 11211},
                                                      {11434, 11434},
                                                      {15672, 15672},
                                                      {16379, 16384},
                                                      {18080, 18080},
                                                      {19530, 19530},
                                                      {25672, 25672},
                                                      {26257, 26257},
                                                      {26379, 26379},
                                                      {27015, 27019}}};

template <typename Intervals>
bool any_holds(const Intervals& intervals, std::uint16_t port) {
  return std::any_of(intervals.begin(), intervals.end(), [port](const auto& each) { return each.holds(port); });
}

std::vector<std::uint16_t> ports_of(const PortInterval& within, const std::optional<PortInterval>& without,
                                    const std::vector<PortInterval>& reserved) {
  std::vector<std::uint16_t> found;
  // 32 bits: a counter of 16 would never come behind 65535.
  for (std::uint32_t number = within.first; number <= within.last; ++number) {
    const auto port = static_cast<std::uint16_t>(number);
    const bool given_away = without && without->holds(port);
    if (!given_away && !any_holds(reserved, port) && !any_holds(kWellKnown, port)) found.push_back(port);
  }
  return found;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\n";
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

/// "8080" is an interval of one.
std::optional<PortInterval> parse_between(std::string_view text, std::string_view separators) {
  const std::size_t at = text.find_first_of(separators);
  const auto first = parse_port(text.substr(0, at));
  const auto last = at == std::string_view::npos ? first : parse_port(trimmed(text.substr(at + 1)));
  if (!first || !last || *first > *last) return std::nullopt;
  return PortInterval{*first, *last};
}

std::string setting(const char* name) { return posix::file_text(std::string("/proc/sys/net/ipv4/") + name); }

}  // namespace

std::optional<PortInterval> parse_port_interval(std::string_view text) {
  text = trimmed(text);
  // parse_between() would take one number for an interval; here the kernel writes two.
  return text.find_first_of(" \t") == std::string_view::npos ? std::nullopt : parse_between(text, " \t");
}

std::vector<PortInterval> parse_port_list(std::string_view text) {
  std::vector<PortInterval> found;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (const auto interval = parse_between(trimmed(text.substr(0, comma)), "-")) found.push_back(*interval);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return found;
}

std::vector<std::uint16_t> leasable_ports(const PortInterval& given_away, const std::vector<PortInterval>& reserved) {
  auto found = ports_of(kUsual, given_away, reserved);
  // Second best are lower numbers that nobody is given by the kernel. Numbers that it does give away come last: a
  // connection of anybody may get one at any time.
  if (found.size() < kEnough) found = ports_of(kUnprivileged, given_away, reserved);
  if (found.size() < kEnough) found = ports_of(kUsual, std::nullopt, reserved);
  return found;
}

std::vector<std::uint16_t> leasable_ports() {
  return leasable_ports(parse_port_interval(setting("ip_local_port_range")).value_or(kDefaultRange),
                        parse_port_list(setting("ip_local_reserved_ports")));
}

}  // namespace trun
