// What the kernel's files say: /proc/PID/stat, /proc/self/cgroup and mountinfo, the cpu quotas of control groups. Text
// in, values out; posix_proc.cc reads the files. What is not as the kernel writes it says nothing.
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
};
std::optional<CgroupLine> parse_cgroup_line(std::string_view line);

/// Whether `word` is one of `list`, between which are commas or blanks: "cpu,cpuacct", "rw,memory", "cpu memory".
bool names(std::string_view list, std::string_view word);

/// One line of /proc/PID/mountinfo, "25 30 0:22 /inner /place rw,nosuid - cgroup cgroup rw,memory". Views into it.
struct MountLine {
  std::string_view inner, place;  ///< what of the file system is mounted where
  std::string_view type, options;
};
std::optional<MountLine> parse_mount_line(std::string_view line);

/// Whether /proc/PID/task/TID/syscall tells of a futex(2) wait without a limit, for a lock that is not shared with
/// other processes: "202 0x7f01 0x189 0x0 0x0 0x0 0xffffffff 0x7ffc 0x7f02".
bool is_endless_wait(std::string_view syscall);

/// "150000 100000", quota and period, is 1.5 processors; "max 100000" and "-1 100000" are none.
std::optional<double> parse_cpu_quota(std::string_view text);

}  // namespace trun::posix
