#include "runner/containment/memory_groups.h"

#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>

#include "runner/kernel/posix.h"
#include "runner/kernel/proc_text.h"

namespace trun {
namespace {

namespace fs = std::filesystem;

bool gives_memory(const std::string& folder) {
  std::ifstream file(folder + "/cgroup.subtree_control");
  std::string line;
  return std::getline(file, line) && posix::names(line, "memory");
}

/// The nearest group above this process (or its own) whose members' memory is limited. A group that has processes
/// cannot begin to: that is left to whoever made it.
std::optional<std::string> parent_2(const std::string& root) {
  const auto own = own_cgroup(root);
  const auto top = own ? cgroup_mount(root) : std::nullopt;
  if (!top) return std::nullopt;
  for (std::string folder = *own; folder.size() >= top->size(); folder.resize(folder.rfind('/'))) {
    if (gives_memory(folder)) return folder;
  }
  return std::nullopt;
}

/// This process's group in the memory hierarchy of version 1. In a container that mount may begin at the container's
/// own group, which /proc names in full.
std::optional<std::string> parent_1(const std::string& root) {
  std::string group;
  std::ifstream groups(root + "/proc/self/cgroup");
  for (std::string text; std::getline(groups, text);) {
    const auto line = posix::parse_cgroup_line(text);
    if (line && posix::names(line->controllers, "memory")) group = line->group;
  }
  std::ifstream mounts(root + "/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    const auto mount = posix::parse_mount_line(line);
    if (!mount || mount->type != "cgroup" || !posix::names(mount->options, "memory")) continue;
    const std::string_view inner = mount->inner;
    if (inner.size() > 1 && group.compare(0, inner.size(), inner) == 0) group.erase(0, inner.size());
    const std::string folder = root + std::string(mount->place) + group;
    std::error_code error;
    if (fs::is_directory(folder, error)) return folder;
  }
  return std::nullopt;
}

/// Sets what exists only where the kernel counts swap.
void write_if_there(const Cgroup& group, const char* file, const std::string& text) {
  std::error_code error;
  if (fs::exists(group.folder() + "/" + file, error)) (void)group.write(file, text);
}

Status limit_2(const Cgroup& group, const std::string& limit) {
  // memory.max does not count what was swapped out: with swap a test would hold more than it may, and only be slow.
  // Hence no swap below.
  TRUN_CHECK(group.write("memory.max", limit));
  // All of it ends with the first: a child's end alone the test might not notice.
  TRUN_CHECK(group.write("memory.oom.group", "1"));
  write_if_there(group, "memory.swap.max", "0");
  return ok_status();
}

Status limit_1(const Cgroup& group, const std::string& limit) {
  TRUN_CHECK(group.write("memory.limit_in_bytes", limit));
  // Memory and swap together. Second: the kernel refuses a limit on both that is below the one on memory.
  write_if_there(group, "memory.memsw.limit_in_bytes", limit);
  // Nobody is killed, all that ask for more stand still until we end them: a kernel that kills takes one process, and
  // it may be a child whose end the test does not notice.
  return group.write("memory.oom_control", "1");
}

}  // namespace

bool MemoryGroup::exhausted() const {
  // Version 2 counts kills; version 1, whose killer is off here, says whether somebody stands still for want of memory.
  const auto count = version_1_ ? posix::number_behind(group_.folder() + "/memory.oom_control", "under_oom")
                                : posix::number_behind(group_.folder() + "/memory.events", "oom_kill");
  return count.value_or(0) > 0;
}

std::uint64_t MemoryGroup::peak() const {
  return posix::number_in(group_.folder() + (version_1_ ? "/memory.max_usage_in_bytes" : "/memory.peak")).value_or(0);
}

Result<MemoryGroups> MemoryGroups::make(std::uint64_t limit, const std::string& root) {
  if (const auto parent = parent_2(root)) {
    TRUN_TRY(all, Cgroup::make_below(*parent, "-memory"));
    // Workers' groups have limits of their own only if the group above them gives memory. It may do so: no process is
    // ever in it itself.
    const Status given = all.write("cgroup.subtree_control", "+memory");
    if (given.ok()) return MemoryGroups(std::move(all), false, limit);
    (void)all.remove();
    return given.error();
  }
  const auto parent = parent_1(root);
  if (!parent) {
    return internal_error(
        "no control group above trun's own gives memory to its members (cgroup.subtree_control), and there is "
        "no memory hierarchy of version 1");
  }
  TRUN_TRY(all, Cgroup::make_below(*parent, "-memory"));
  return MemoryGroups(std::move(all), true, limit);
}

Result<MemoryGroup> MemoryGroups::add(const std::string& name, pid_t pid) const {
  TRUN_TRY(group, all_.child(name));
  // The limit first, the process second: there is no moment without a limit.
  Status status = version_1_ ? limit_1(group, std::to_string(limit_)) : limit_2(group, std::to_string(limit_));
  if (status.ok()) status = group.add(pid);
  if (status.ok()) return MemoryGroup(std::move(group), version_1_);
  // A limit that could not be set must leave no group behind.
  (void)group.remove();
  return status.error();
}

}  // namespace trun
