// Which port numbers are leased: those that the kernel gives to nobody by itself. What asks for "any port" or connects
// without binding gets one of ip_local_port_range, so a number outside of it stays free until somebody names it. Text
// in, values out; leasable_ports() reads the machine's.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace trun {

/// Both ends belong to it.
struct PortInterval {
  std::uint16_t first = 0, last = 0;

  bool holds(std::uint16_t port) const { return first <= port && port <= last; }
  bool operator==(const PortInterval&) const = default;
};

/// /proc/sys/net/ipv4/ip_local_port_range: "32768\t60999".
std::optional<PortInterval> parse_port_interval(std::string_view text);

/// /proc/sys/net/ipv4/ip_local_reserved_ports: "8080,9148-9200". What is not as the kernel writes it is left out.
std::vector<PortInterval> parse_port_list(std::string_view text);

/// Ports from 10000 on that the kernel does not give away, that nobody has reserved, and that no widely used server has
/// for its own. Where an administrator has left too few of those, ports from 1024 on; where even these are few, those
/// that the kernel gives away too. Ascending.
std::vector<std::uint16_t> leasable_ports(const PortInterval& given_away, const std::vector<PortInterval>& reserved);

/// On this machine.
std::vector<std::uint16_t> leasable_ports();

}  // namespace trun
