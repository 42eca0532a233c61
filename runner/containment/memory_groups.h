// MemoryGroups: a control group for each worker whose memory the kernel limits (--test-memory-by cgroup). What a worker
// and all that it started hold is counted together, shared pages once, and nothing is held beyond the limit, not for a
// moment. Version 2 where a group above trun's own gives memory to its members, else the memory hierarchy of version 1.
// Owned by the engine; the guardian removes them when the engine cannot.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "runner/base/result.h"
#include "runner/kernel/cgroup.h"

namespace trun {

/// One worker's.
class MemoryGroup {
 public:
  MemoryGroup(Cgroup group, bool version_1) : group_(std::move(group)), version_1_(version_1) {}

  /// It has asked for more than it may have: the kernel has killed it (version 2), or lets it stand still (version 1).
  bool exhausted() const;
  /// The most that it has held; bytes, 0 if the kernel does not say.
  std::uint64_t peak() const;
  Status kill() const { return group_.kill(); }
  /// False: somebody is still in it.
  bool remove() const { return group_.remove(); }

 private:
  Cgroup group_;
  bool version_1_ = false;
};

/// All of one run.
class MemoryGroups {
 public:
  /// `limit`: bytes for each. Error: why this machine lets us make none. `root` is put before /proc and /sys (tests).
  static Result<MemoryGroups> make(std::uint64_t limit, const std::string& root = "");

  /// A group by that name with the process in it. REQUIRES: `pid` has started nothing yet.
  Result<MemoryGroup> add(const std::string& name, pid_t pid) const;
  /// The folder that all of them are in.
  const std::string& folder() const { return all_.folder(); }
  /// False: somebody is still in one of them.
  bool remove() const { return all_.remove(); }

 private:
  MemoryGroups(Cgroup all, bool version_1, std::uint64_t limit)
      : all_(std::move(all)), version_1_(version_1), limit_(limit) {}

  Cgroup all_;
  bool version_1_ = false;
  std::uint64_t limit_ = 0;
};

}  // namespace trun
