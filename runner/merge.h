// Merge: what the workers collected, put together into one Collection. Knows the three ways to collect: shares that add
// up (sharded), one that counts (once), and copies that must agree (each).
#pragma once

#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "collectors/discover.h"
#include "runner/base/run_event.h"
#include "runner/base/test_item.h"
#include "runner/workers/worker_process.h"
#include "scheduler/collect_mode.h"

namespace trun {

/// The collection of a run, with what the engine must know of it.
struct Gathered {
  Collection collection;
  std::vector<event::CollectReport> reports;
  std::size_t errors = 0;                   ///< failed collect reports
  std::optional<std::string> stopped;       ///< the session was to stop while it collected (-x)
  std::optional<int> ended;                 ///< a session ended with this exit code while it collected
  std::optional<Duration> default_timeout;  ///< of tests without a limit of their own
  std::vector<std::string> lane;            ///< why the fast lane is off
  std::unordered_map<std::string, ItemIndex> index;

  /// The items of a `collected` frame by index; what is not in the collection is left out.
  std::vector<ItemIndex> items_of(const Collected& frame) const;
};

class Merge {
 public:
  Merge() = default;
  /// `found` gives the order of files, if sharded.
  Merge(CollectMode mode, const Discovery& found, std::string rootdir);

  /// A worker that has collected, or is gone.
  void add(const WorkerProcess& worker);
  /// Hooks seen after configure that stand against sharded.
  void refuse(const std::vector<std::string>& reasons);
  /// Why a sharded collection does not count and must be repeated as one.
  std::optional<std::string> again() const { return again_; }
  Gathered take();

 private:
  void add_reports(const Collected& frame);
  void add_items(const Collected& frame);
  void compare(const WorkerProcess& worker);
  double rank(const std::string& path) const;
  void order_files();

  CollectMode mode_ = CollectMode::each;
  std::unordered_map<std::string, std::size_t> rank_;  ///< of files, by node id path
  Gathered result_;
  std::unordered_map<std::string, FileIndex> files_;
  std::set<std::string> reported_;
  std::optional<std::string> again_;
  bool first_ = true;
};

}  // namespace trun
