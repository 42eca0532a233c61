#include "runner/kernel/free_memory.h"

#include <algorithm>
#include <fstream>
#include <optional>

#include "runner/kernel/cgroup.h"
#include "runner/kernel/posix.h"
#include "runner/kernel/proc_text.h"

namespace trun {
namespace {

/// What a group still allows. Files that are cached count as used, but those not in use are given up for the asking.
std::optional<std::uint64_t> left_in(const std::string& group, const char* limit_file, const char* used_file,
                                     const char* cached) {
  const auto limit = posix::number_in(group + "/" + limit_file), used = posix::number_in(group + "/" + used_file);
  // "max", which is no number, is no limit.
  if (!limit || !used) return std::nullopt;
  const std::uint64_t spare = std::min(*used, posix::number_behind(group + "/memory.stat", cached).value_or(0));
  return *limit - std::min(*limit, *used - spare);
}

/// The least that `group` and those above it, all below `mount`, allow.
template <typename Left>
std::optional<std::uint64_t> least(const std::string& mount, std::string group, Left left) {
  std::optional<std::uint64_t> found;
  while (true) {
    const auto here = left(mount + group);
    if (here && (!found || *here < *found)) found = here;
    // A limit holds for all groups below it, so each one on the way up counts.
    if (group.empty()) return found;
    const std::size_t slash = group.rfind('/');
    group.resize(slash == std::string::npos ? 0 : slash);
  }
}

}  // namespace

std::uint64_t free_memory(const std::string& root) {
  std::optional<std::uint64_t> found;
  // The kernel's own estimate of what can be had without swapping (proc_meminfo(5)).
  if (const auto kilobytes = posix::number_behind(root + "/proc/meminfo", "MemAvailable:")) found = *kilobytes * 1024;
  const auto take = [&](std::optional<std::uint64_t> left) {
    if (left && (!found || *left < *found)) found = left;
  };
  std::ifstream groups(root + "/proc/self/cgroup");
  for (std::string text; std::getline(groups, text);) {
    const auto line = posix::parse_cgroup_line(text);
    if (!line) continue;
    const std::string group(line->group);
    if (line->controllers.empty()) {
      take(least(root + "/sys/fs/cgroup", group, [](const std::string& folder) {
        return left_in(folder, "memory.max", "memory.current", "inactive_file");
      }));
    } else if (posix::names(line->controllers, "memory")) {
      take(least(root + "/sys/fs/cgroup/memory", group, [](const std::string& folder) {
        return left_in(folder, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file");
      }));
    }
  }
  // Of a group that is full something is left to be had: 0 would mean that nobody knows.
  return found ? std::max<std::uint64_t>(*found, 1) : 0;
}

}  // namespace trun
