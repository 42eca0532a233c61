// Orphans: processes of the run that lost their parent and so became the engine's children: daemons that tests started.
// Each is attributed to its worker, and to its test where that can be known, and ends with its worker: nobody can know
// who still uses it before.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "runner/base/test_item.h"
#include "runner/config/config.h"
#include "runner/workers/crew.h"

namespace trun {

/// How long they may live after a worker that ended by itself: helpers of libraries (multiprocessing's resource
/// tracker) see that end, clean up and go.
inline constexpr Duration kOrphansMayTake = std::chrono::milliseconds(500);
/// How long one that nobody knows is looked at again. In the middle of an execve(2) a process has neither environment
/// nor mappings, and on a machine under load that may take long.
inline constexpr Duration kOrphansMayExec = std::chrono::seconds(2);

class Orphans {
 public:
  /// What it works on; all of it outlives it.
  struct Context {
    const Collection& collection;
    const Crew& crew;
    const Config& config;
    /// A child that is no orphan: the fork server.
    std::function<bool(pid_t)> is_own;
    /// Told once of each daemon that a test has left behind: (test, command).
    std::function<void(const std::string&, const std::string&)> leaked;
  };

  explicit Orphans(Context context) : context_(std::move(context)) {}

  /// Looks for new ones and ends those whose time is up. `run_id` is in the environment of what workers execute.
  void tick(const std::string& run_id, TimePoint now);
  /// All workers are gone and are about to be forgotten: ends what they left.
  void forget(const std::string& run_id);
  /// Whether any worker that is gone has left one that lives.
  bool any_of_the_gone() const;
  /// Whether any that is known is that worker's.
  bool any_of(const WorkerProcess& worker) const;

 private:
  struct Orphan {
    const WorkerProcess* worker = nullptr;  ///< none: nobody knows
    std::string test;                       ///< node id; empty: nobody knows
    TimePoint seen;                         ///< first
    bool told = false;
  };

  void attribute(pid_t pid, const std::string& run_id, Orphan& orphan) const;
  bool is_due(const Orphan& orphan, TimePoint now) const;
  bool ignored() const;

  const Context context_;
  std::map<pid_t, Orphan> orphans_;
};

}  // namespace trun
