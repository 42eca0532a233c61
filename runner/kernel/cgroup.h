// Cgroup: a control group that holds the processes of one run (v2), or of its workers (memory_groups.h), where this
// machine lets us make one: as root in a container, or below a group that was delegated to the user. Nothing leaves it
// but by its own writing to another group, so that it ends what no parent and no session knows any more. Owned by the
// engine; the guardian ends and removes it when the engine cannot. Where none can be made, the subreaper's sweep must
// do.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "runner/base/result.h"

namespace trun {

class Cgroup {
 public:
  /// A group below the one that this process is in, named by this process. What dead runs have left there is ended and
  /// removed. Error: there is no v2 hierarchy, it may not be written, or the kernel cannot end a group as
  /// a whole. `root` is put before /proc and /sys (tests).
  static Result<Cgroup> make(const std::string& root = "");
  /// A group below the folder `parent`, named by this process and `kind`. What dead runs have left there is ended and
  /// removed.
  static Result<Cgroup> make_below(const std::string& parent, const std::string& kind);
  /// One that is there.
  explicit Cgroup(std::string folder) : folder_(std::move(folder)) {}

  const std::string& folder() const { return folder_; }

  /// One below it.
  Result<Cgroup> child(const std::string& name) const;
  /// Sets `file` of the group.
  Status write(const std::string& file, const std::string& text) const;
  /// Moves the process, with what it starts from now on.
  Status add(pid_t pid) const;
  /// SIGKILL to all that are in it and in those below it: at once, or (version 1) one by one.
  Status kill() const;
  /// False: somebody is still in it.
  bool remove() const;

 private:
  std::string folder_;
};

/// Where the v2 hierarchy is mounted. Empty: nowhere.
std::optional<std::string> cgroup_mount(const std::string& root = "");

/// The folder of the v2 group that this process is in. Empty: there is none.
std::optional<std::string> own_cgroup(const std::string& root = "");

/// How many processes the kernel has ended for want of memory: in the nearest control group above this process that
/// counts them (a container's, say), otherwise on the whole machine.
struct OomKills {
  std::uint64_t count = 0;
  bool own_group = false;  ///< counted in a control group
};
OomKills oom_kills(const std::string& root = "");

}  // namespace trun
