// The part of posix.h that reads files: /proc and the control groups.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <sstream>

#include "runner/kernel/posix.h"
#include "runner/kernel/proc_text.h"

namespace trun::posix {
namespace {

/// The numbers among the names in a directory; empty if it cannot be read.
std::vector<pid_t> numbered_entries(const std::string& directory) {
  std::vector<pid_t> found;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(directory.c_str()), &::closedir);
  if (stream == nullptr) return found;
  while (const dirent* entry = ::readdir(stream.get())) {
    if (const auto pid = parse_pid(entry->d_name)) found.push_back(*pid);
  }
  return found;
}

/// Appends the children of `pid`. False: the kernel has no list of children (CONFIG_PROC_CHILDREN), or `pid` is gone.
bool append_children(pid_t pid, std::vector<pid_t>& into) {
  // The kernel lists a child with the thread that has forked it (proc(5)), so all threads are asked.
  const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
  bool any_list = false;
  for (const pid_t task : numbered_entries(tasks)) {
    std::ifstream list(tasks + "/" + std::to_string(task) + "/children");
    // A thread may end between the listing and here: one list that opens shows that the kernel has them.
    any_list |= list.is_open();
    for (pid_t child = 0; list >> child;) into.push_back(child);
  }
  return any_list;
}

/// ppid -> pids, from the stat of every process: the slow way, for kernels without lists of children.
std::multimap<pid_t, pid_t> all_children() {
  std::multimap<pid_t, pid_t> children;
  for (const pid_t pid : numbered_entries("/proc")) {
    const std::string text = file_text("/proc/" + std::to_string(pid) + "/stat");
    if (const auto stat = parse_stat(text)) children.emplace(stat->parent, pid);
  }
  return children;
}

bool kernel_lists_children() {
  std::vector<pid_t> ignored;
  return append_children(::getpid(), ignored);
}

std::optional<double> quota_v2(const std::string& group) { return parse_cpu_quota(file_text(group + "/cpu.max")); }

std::optional<double> quota_v1(const std::string& group) {
  return parse_cpu_quota(file_text(group + "/cpu.cfs_quota_us") + " " + file_text(group + "/cpu.cfs_period_us"));
}

using Quota = std::optional<double> (*)(const std::string& group);

/// The smallest quota of `group` and the groups above it, all below `mount`. A group that cannot be seen from inside
/// a container has none here, those above it may.
std::optional<double> tightest(const std::string& mount, std::string group, Quota quota_of) {
  std::optional<double> tight;
  while (true) {
    // A group may not exceed what a group above it allows: the smallest on the way up counts.
    const std::optional<double> quota = quota_of(mount + group);
    if (quota && (!tight || *quota < *tight)) tight = quota;
    if (group.empty()) return tight;
    const std::size_t slash = group.rfind('/');
    group.resize(slash == std::string::npos ? 0 : slash);
  }
}

}  // namespace

std::string file_text(const std::string& path) {
  // No stream: an iterator over its buffer throws when a read fails.
  std::string text;
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 4096> bytes;
  while (file.valid()) {
    const ssize_t size = ::read(file.get(), bytes.data(), bytes.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    text.append(bytes.data(), static_cast<std::size_t>(size));
  }
  return text;
}

std::optional<std::uint64_t> number_in(const std::string& path) {
  std::ifstream file(path);
  std::uint64_t value = 0;
  // "max" is no number.
  if (file >> value) return value;
  return std::nullopt;
}

std::optional<std::uint64_t> number_behind(const std::string& path, const std::string& name) {
  std::ifstream file(path);
  for (std::string word; file >> word;) {
    std::uint64_t value = 0;
    if (word == name && file >> value) return value;
  }
  return std::nullopt;
}

Result<std::vector<pid_t>> children_of_self() {
  std::vector<pid_t> children;
  if (append_children(::getpid(), children)) return children;
  const auto all = all_children();
  // This process itself is always in there.
  if (all.empty()) return internal_error("cannot list processes: /proc is not readable");
  const auto [first, last] = all.equal_range(::getpid());
  std::transform(first, last, std::back_inserter(children), [](const auto& entry) { return entry.second; });
  return children;
}

Result<std::vector<pid_t>> descendants(pid_t pid) {
  // Asked of this process, which is certainly there: without a list, `pid` may just be gone.
  const bool lists = kernel_lists_children();
  const auto all = lists ? std::multimap<pid_t, pid_t>() : all_children();
  if (!lists && all.empty()) return internal_error("cannot list processes: /proc is not readable");
  std::vector<pid_t> found = {pid};  // also the queue
  std::set<pid_t> seen = {pid};      // a process that changes its parent meanwhile shows up twice
  for (std::size_t next = 0; next < found.size(); ++next) {
    std::vector<pid_t> children;
    if (lists) {
      append_children(found[next], children);
    } else {
      const auto [first, last] = all.equal_range(found[next]);
      std::transform(first, last, std::back_inserter(children), [](const auto& entry) { return entry.second; });
    }
    std::copy_if(children.begin(), children.end(), std::back_inserter(found),
                 [&](pid_t child) { return seen.insert(child).second; });
  }
  // `pid` itself.
  found.erase(found.begin());
  return found;
}

std::optional<ProcessFacts> process_facts(pid_t pid) {
  const std::string folder = "/proc/" + std::to_string(pid);
  const std::string text = file_text(folder + "/stat");
  const auto stat = parse_stat(text);
  if (!stat) return std::nullopt;
  ProcessFacts facts;
  facts.pid = pid;
  facts.parent = stat->parent;
  facts.state = stat->state;
  facts.command = readable_command(file_text(folder + "/cmdline"));
  // A zombie and a thread of the kernel have no arguments; ps(1) shows their names so, too.
  if (facts.command.empty()) facts.command = "[" + std::string(stat->name) + "]";
  return facts;
}

bool is_ending(pid_t pid) {
  const std::string text = file_text("/proc/" + std::to_string(pid) + "/stat");
  const auto stat = parse_stat(text);
  return stat && stat->exiting;
}

bool waits_for_itself(pid_t pid) {
  const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
  const std::vector<pid_t> threads = numbered_entries(tasks);
  // One thread that waits for a time, a socket or a child may still wake the others: then it is no standstill.
  return !threads.empty() && std::all_of(threads.begin(), threads.end(), [&](pid_t thread) {
    return is_endless_wait(file_text(tasks + "/" + std::to_string(thread) + "/syscall"));
  });
}

std::uint64_t start_time(pid_t pid) {
  // Behind the name, which may have spaces and brackets, "state parent ...": the 20th is the start.
  const std::string text = file_text("/proc/" + std::to_string(pid) + "/stat");
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream fields(text.substr(name_end + 1));
  std::string skipped;
  // Field 3, the state, is the first behind the name: the 20th is field 22, starttime (proc(5)).
  for (int i = 0; i < 19; ++i) fields >> skipped;
  std::uint64_t start = 0;
  fields >> start;
  return start;
}

std::uint64_t resident_memory(pid_t pid) {
  return resident_pages(file_text("/proc/" + std::to_string(pid) + "/statm")) *
         static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::vector<std::pair<int, std::string>> open_files(pid_t pid) {
  const std::string folder = "/proc/" + std::to_string(pid) + "/fd";
  std::vector<pid_t> numbers = numbered_entries(folder);
  std::sort(numbers.begin(), numbers.end());
  std::vector<std::pair<int, std::string>> found;
  for (const int fd : numbers) {
    std::array<char, 4096> target{};
    // A descriptor that was closed since it was listed is left out.
    const ssize_t size = ::readlink((folder + "/" + std::to_string(fd)).c_str(), target.data(), target.size());
    if (size > 0) found.emplace_back(fd, std::string(target.data(), static_cast<std::size_t>(size)));
  }
  return found;
}

std::optional<std::string> environment_of(pid_t pid, const std::string& name) {
  // As of the last execve(2): a process that only forked has its maker's.
  return find_variable(file_text("/proc/" + std::to_string(pid) + "/environ"), name);
}

bool maps(pid_t pid, ino_t memory_file) {
  std::ifstream mappings("/proc/" + std::to_string(pid) + "/maps");
  for (std::string line; std::getline(mappings, line);) {  // "7f00-7f01 rw-s 00000000 00:01 1234   /memfd:trun-status"
    std::string range, access, offset, device;
    std::uint64_t inode = 0;
    // Cheap, and most lines end here: a process may have thousands of mappings.
    if (line.find("/memfd:") == std::string::npos) continue;
    if (std::istringstream(line) >> range >> access >> offset >> device >> inode && inode == memory_file) return true;
  }
  return false;
}

std::optional<double> cgroup_cpu_limit(const std::string& root) {
  std::ifstream groups(root + "/proc/self/cgroup");
  std::optional<double> tight;
  for (std::string text; std::getline(groups, text);) {
    const auto line = parse_cgroup_line(text);
    if (!line) continue;
    const std::string group(line->group);
    std::optional<double> quota;
    // Version 2; a hybrid machine has both kinds of lines, and either may hold the limit.
    if (line->controllers.empty()) {
      quota = tightest(root + "/sys/fs/cgroup", group, quota_v2);
    } else if (names(line->controllers, "cpu")) {
      // The mount is named after its controllers ("cpu,cpuacct"); where it is not, there is mostly a link "cpu".
      quota = tightest(root + "/sys/fs/cgroup/" + std::string(line->controllers), group, quota_v1);
      if (!quota) quota = tightest(root + "/sys/fs/cgroup/cpu", group, quota_v1);
    }
    if (quota && (!tight || *quota < *tight)) tight = quota;
  }
  return tight;
}

}  // namespace trun::posix
