// Merge: what the workers collected, put together into one Collection. Knows the three ways to collect: shares that add
// up (sharded), one that counts (once), and copies that must agree (each).
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
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
  std::optional<int> exit;                  ///< the exit code that they mean, where that is not the usual one
  std::optional<std::string> stopped;       ///< the session was to stop while it collected (-x)
  std::optional<int> ended;                 ///< a session ended with this exit code while it collected
  std::optional<Duration> default_timeout;  ///< of tests without a limit of their own
  std::vector<std::string> lane;            ///< why the fast lane is off
};

class Merge {
 public:
  Merge() = default;
  /// `found` gives the order of files, if sharded.
  Merge(CollectMode mode, const Discovery& found, std::string rootdir);

  /// So many items will come. To be said before the first add().
  void expect(std::size_t items) { result_.collection.items.reserve(items); }
  /// A worker that has collected, or is gone. Its items move, and are there by index after take(). It lives until then.
  void add(WorkerProcess& worker);
  /// Hooks seen after configure that stand against sharded.
  void refuse(const std::vector<std::string>& reasons);
  /// Why a sharded collection does not count and must be repeated as one.
  std::optional<std::string> again() const { return again_; }
  Gathered take();

 private:
  void add_reports(const Collected& frame);
  void add_items(Collected& frame);
  void compare(const WorkerProcess& worker);
  void tell_shares(const std::vector<ItemIndex>& place);
  double rank(const std::string& path) const;
  std::vector<ItemIndex> order_files();

  CollectMode mode_ = CollectMode::each;
  std::unordered_map<std::string, std::size_t> rank_;  ///< of files, by node id path
  /// Files as their paths sort, each with the highest rank up to there. Made when it is asked for.
  mutable std::vector<std::pair<std::filesystem::path, std::size_t>> sorted_;
  Gathered result_;
  std::unordered_map<std::string, FileIndex> files_;
  std::set<std::string> reported_;
  /// Sharded: whose the items are, one after the other as they came.
  std::vector<std::pair<WorkerProcess*, std::size_t>> shares_;
  std::optional<std::string> again_;
  bool first_ = true;
};

}  // namespace trun
