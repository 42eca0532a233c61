// What the kernel's files say: /proc/PID/stat, /proc/self/cgroup, the cpu quotas of control groups. Text in, values
// out; posix_proc.cc reads the files. What is not as the kernel writes it says nothing.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trun::posix {

/// A number and nothing else; not negative.
std::optional<pid_t> parse_pid(std::string_view text);

/// The beginning of /proc/PID/stat. Views into it.
struct Stat {
  std::string_view name;
  char state = '?';
  pid_t parent = 0;      ///< 0 where it has none
  bool exiting = false;  ///< it is in the middle of its end, or behind it
};
std::optional<Stat> parse_stat(std::string_view text);

/// Of /proc/PID/statm: pages of resident memory, 0 if it does not say.
std::uint64_t resident_pages(std::string_view text);

/// /proc/PID/cmdline in one line of at most about 200 bytes; empty if there are no arguments.
std::string readable_command(std::string cmdline);

/// The value of a variable in /proc/PID/environ.
std::optional<std::string> find_variable(const std::string& environ, const std::string& name);

/// One line of /proc/self/cgroup, "0::/path" (v2) or "4:cpu,cpuacct:/path" (v1). Views into it.
struct CgroupLine {
  std::string_view controllers;  ///< empty in v2
  std::string_view group;        ///< empty for the root

  bool names_cpu() const;
};
std::optional<CgroupLine> parse_cgroup_line(std::string_view line);

/// "150000 100000", quota and period, is 1.5 processors; "max 100000" and "-1 100000" are none.
std::optional<double> parse_cpu_quota(std::string_view text);

}  // namespace trun::posix
