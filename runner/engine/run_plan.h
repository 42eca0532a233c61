// RunPlan: what is decided between the fork server's `configured` and the first fork: how many workers, how they
// collect, who owns which file, and why. A value; decide() makes it from values.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "collectors/discover.h"
#include "runner/base/result.h"
#include "runner/config/config.h"
#include "runner/wire/server_frames.h"
#include "runner/wire/worker_frames.h"
#include "scheduler/collect_mode.h"
#include "scheduler/history.h"
#include "scheduler/scheduler.h"

namespace trun {

struct RunPlan {
  CollectMode mode = CollectMode::each;
  CollectMode unsharded = CollectMode::once;  ///< how to collect if the shares do not add up
  unsigned workers = 1;                       ///< processes; 1 with -n 0
  bool fresh = false;     ///< every process imports what is the user's itself; false: workers are forked after that
  bool attached = false;  ///< -n 0: in trun's session, with the real stdin, without workerinput
  bool in_place = false;  ///< attached: it is the process that has imported what is the user's
  bool solo = false;      ///< pytest's own terminal and loop; trun observes
  /// A slot's next process starts when the last has ended: what conftests make and drop for a worker has its name.
  bool one_at_a_time = false;
  /// Nor does another process take a slot over before that is needed: what the project leaves under its name is whole
  /// then.
  bool one_session_each = false;
  std::vector<Slot> owners;           ///< of Discovery::files, if sharded
  std::vector<OthersImport> imports;  ///< what every worker imports of others' files, if sharded
  /// Files whose import ended or hung a process, and how: not to be imported again. By absolute path.
  std::map<std::string, std::string> broken;
  /// What a collector's imports turned out to bind to its process (Collected::bound_again). The next run foresees it.
  std::vector<std::pair<std::string, std::string>> found_bound;
  std::vector<std::string> why;
  std::vector<std::string> solo_reasons;
  std::vector<std::string> host_reasons;  ///< why there is a plugin host; empty: there is none
};

/// Error (usage): what was asked for cannot be done the same way as pytest.
Result<RunPlan> decide(const Config& config, const Configured& pytest, const Discovery& found, const History& history);

/// What reports are told first. `begin`: when trun was started.
event::RunStarted run_started(const RunPlan& plan, const Config& config, const Configured& pytest,
                              const std::string& run_id, TimePoint begin);

/// What is said of a solo run. REQUIRES: plan.solo.
std::string why_solo(const RunPlan& plan, const Config& config);

/// How the run phase is scheduled. REQUIRES: `collection` is complete.
SchedulerOptions scheduler_options(const RunPlan& plan, const Config& config, const Configured& pytest,
                                   const Collection& collection, const History& history);

/// Names of variables of the environment that are not the same in all workers, beside trun's and xdist's own.
std::vector<std::string> names_per_worker(const Config& config);

/// The settings of pytest that discovery follows.
DiscoverOptions discover_options(const Configured& pytest);

}  // namespace trun
