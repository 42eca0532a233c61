#include "runner/kernel/cgroup.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "runner/kernel/posix.h"
#include "runner/kernel/proc_text.h"

namespace trun {
namespace {

namespace fs = std::filesystem;

Status write_text(const std::string& path, const std::string& text) {
  // A stream has no error code of its own, and need not set errno: EIO stands for "unknown" below.
  errno = 0;
  std::ofstream file(path);
  file << text;
  file.close();
  if (file) return ok_status();
  return internal_error("cannot write " + path + ": " + std::strerror(errno ? errno : EIO));
}

struct Own {
  std::string mount, group;  ///< the group's path begins with a slash; empty for the root
};

std::optional<Own> find_own(const std::string& root) {
  const auto mount = cgroup_mount(root);
  std::ifstream groups(root + "/proc/self/cgroup");
  for (std::string text; mount && std::getline(groups, text);) {
    const auto line = posix::parse_cgroup_line(text);
    // "0::/path" is the line of version 2; a hybrid machine has lines of version 1 beside it (cgroups(7)).
    if (line && line->controllers.empty()) return Own{*mount, std::string(line->group)};
  }
  return std::nullopt;
}

/// "trun-NAMESPACE-": pids of another pid namespace say nothing here.
std::string prefix() {
  std::error_code error;
  const std::string space = fs::read_symlink("/proc/self/ns/pid", error);  // "pid:[4026531836]"
  const std::size_t digits = space.find_first_of("0123456789");
  return "trun-" + (digits == std::string::npos ? "0" : space.substr(digits, space.size() - digits - 1)) + "-";
}

/// A pid alone may be somebody else's by now.
std::string name_for(pid_t engine) {
  return prefix() + std::to_string(engine) + "-" + std::to_string(posix::start_time(engine));
}

/// A dead engine whose parent died with it stays a zombie where nobody waits for it (the first process of many
/// containers does not).
bool lives(pid_t pid) {
  const auto facts = posix::process_facts(pid);
  return facts && facts->state != 'Z';
}

/// Ends and removes what runs have left whose guardian and engine were killed in one moment.
void remove_dead(const std::string& parent) {
  const std::string ours = prefix();
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(parent, error)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(ours)) continue;
    const std::string rest = name.substr(ours.size());
    const auto pid = posix::parse_pid(rest.substr(0, rest.find('-')));
    const auto is_of = [&](pid_t engine) { return name.starts_with(name_for(engine)); };
    // A name that is not ours, or of a process that lives and has the start time that the name says: it is in use.
    if (!pid || (lives(*pid) && is_of(*pid))) continue;
    const Cgroup dead(entry.path());
    (void)dead.kill();
    // May fail, since whom the kernel has just killed leaves the group a moment later. The next run tries again.
    (void)dead.remove();
  }
}

}  // namespace

std::optional<std::string> cgroup_mount(const std::string& root) {
  std::ifstream mounts(root + "/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    const auto mount = posix::parse_mount_line(line);
    if (mount && mount->type == "cgroup2") return root + std::string(mount->place);
  }
  return std::nullopt;
}

std::optional<std::string> own_cgroup(const std::string& root) {
  const auto own = find_own(root);
  return own ? std::optional(own->mount + own->group) : std::nullopt;
}

Result<Cgroup> Cgroup::make(const std::string& root) {
  const auto parent = own_cgroup(root);
  if (!parent) return internal_error("there are no control groups of version 2");
  TRUN_TRY(made, make_below(*parent, ""));
  std::error_code error;
  // Asked of the new group: the root group of the hierarchy never has this file.
  if (fs::exists(made.folder_ + "/cgroup.kill", error)) return made;
  (void)made.remove();
  return internal_error("the kernel cannot end a control group (Linux 5.14 can)");
}

Result<Cgroup> Cgroup::make_below(const std::string& parent, const std::string& kind) {
  remove_dead(parent);
  return Cgroup(parent).child(name_for(::getpid()) + kind);
}

Result<Cgroup> Cgroup::child(const std::string& name) const {
  Cgroup made(folder_ + "/" + name);
  std::error_code error;
  fs::create_directory(made.folder_, error);
  if (error) return internal_error("cannot make " + made.folder_ + ": " + error.message());
  return made;
}

Status Cgroup::write(const std::string& file, const std::string& text) const {
  return write_text(folder_ + "/" + file, text);
}

Status Cgroup::add(pid_t pid) const { return write("cgroup.procs", std::to_string(pid)); }

Status Cgroup::kill() const {
  std::error_code error;
  // The kernel ends the members and those of groups below, and what they fork meanwhile (cgroup-v2.rst).
  if (fs::exists(folder_ + "/cgroup.kill", error)) return write("cgroup.kill", "1");
  for (const auto& entry : fs::directory_iterator(folder_, error)) {
    if (entry.is_directory(error)) (void)Cgroup(entry.path()).kill();
  }
  std::ifstream processes(folder_ + "/cgroup.procs");
  if (!processes) return internal_error("cannot read " + folder_ + "/cgroup.procs");
  // Version 1 has nothing of that kind: each member is signalled, and what one forks meanwhile is missed.
  for (pid_t pid = 0; processes >> pid;) {
    if (pid > 1) ::kill(pid, SIGKILL);
  }
  return ok_status();
}

bool Cgroup::remove() const {
  std::error_code error;
  // A run within a run may have left its own.
  for (const auto& entry : fs::directory_iterator(folder_, error)) {
    if (entry.is_directory(error) && !Cgroup(entry.path()).remove()) return false;
  }
  fs::remove(folder_, error);
  return !fs::exists(folder_, error);
}

OomKills oom_kills(const std::string& root) {
  // The nearest group that counts: it need not be trun's own, which may have no controller for memory.
  if (auto own = find_own(root)) {
    while (true) {
      // The file counts kills in the groups below, too, so the nearest one says most about this run (cgroup-v2.rst).
      if (const auto count = posix::number_behind(own->mount + own->group + "/memory.events", "oom_kill"))
        return {*count, true};
      // The root group has been asked: it has no memory.events.
      if (own->group.empty()) break;
      const std::size_t slash = own->group.rfind('/');
      own->group.resize(slash == std::string::npos ? 0 : slash);
    }
  }
  return {posix::number_behind(root + "/proc/vmstat", "oom_kill").value_or(0), false};
}

}  // namespace trun
