// CollectPhase: from the plan to one collection. Starts who collects, waits, puts together what they found, and where
// shares do not add up collects once more in another way.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>

#include "runner/engine/merge.h"
#include "runner/engine/run_plan.h"
#include "runner/reporting/narrator.h"
#include "runner/workers/crew.h"

namespace trun {

class CollectPhase {
 public:
  /// What it works on; all of it outlives it.
  struct Context {
    RunPlan& plan;  ///< its mode changes if the collection is repeated
    const Discovery& found;
    const std::string& rootdir;
    Crew& crew;
    Narrator& narrator;
    /// The process that collects for all, started and listened to.
    std::function<Result<WorkerProcess*>()> start_collector;
    /// Likewise one that collects its own share, or everything.
    std::function<Result<WorkerProcess*>(Slot)> start_worker;
    /// Lets time pass until that is so, or the run is given up.
    std::function<void(const std::function<bool()>&)> wait_until;
    /// Whether the run is to end.
    std::function<bool()> given_up;
    /// Ends all workers, waits for it, and forgets what they were about: none of them counts.
    std::function<void()> end_all;
  };

  explicit CollectPhase(Context context) : context_(std::move(context)) {}

  /// Error: no worker could be made.
  Status run();
  /// Hooks that a worker saw after configure and that stand against sharding.
  void refuse(const std::vector<std::string>& reasons) { merge_.refuse(reasons); }

  Gathered take() { return merge_.take(); }
  /// The process that collected for all; nullptr if each did.
  WorkerProcess* collector() const { return collector_; }

 private:
  Status collect();
  std::optional<std::string> why_again();
  std::optional<std::string> find_broken();
  std::optional<std::string> find_stillborn();
  std::optional<std::string> find_bound() const;
  std::optional<std::string> find_standing() const;
  void name_the_dead();

  const Context context_;
  Merge merge_;
  WorkerProcess* collector_ = nullptr;
  std::set<std::string> suspects_;  ///< files at whose import a process was killed once
  bool tried_again_ = false;        ///< after a process that died before it had come to a file
};

}  // namespace trun
