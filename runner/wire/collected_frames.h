// What a worker says of its collection, with the names of docs/protocol.md. A large one comes in parts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runner/base/run_event.h"
#include "runner/base/test_item.h"

namespace trun {

/// `line` is -1 where there is none.
struct CollectedItem {
  NodeId node_id;
  int line = -1;
  std::string group;
};

/// What grows with the suite.
struct CollectedLists {
  std::vector<CollectedItem> items;
  std::vector<event::CollectReport> reports;
  /// By the place of an item in `items`.
  template <typename T>
  using OfItems = std::vector<std::pair<std::uint64_t, T>>;
  OfItems<Duration> timeouts;               ///< limits of their own; zero: none at all
  OfItems<TestDemands> demands;             ///< what their `trun` markers ask for
  OfItems<std::vector<std::string>> marks;  ///< those of their markers that were asked for
};

/// Comes before `Collected` where that would be large. Places of items count from the first part on.
struct CollectedPart {
  CollectedLists part;
};

struct Collected : CollectedLists {
  std::size_t deselected = 0;
  int testsfailed = 0;
  std::optional<std::string> stopped;
  std::optional<int> ended;        ///< the exit code of a session that ended while it collected
  std::optional<int> exit;         ///< the exit code that its reports mean, where that is not the usual one
  std::vector<std::string> bound;  ///< what the imports of a collector bound to its process, a sentence each
  /// Of these what another process would do again: its file as it crossed, the sentence.
  std::vector<std::pair<std::string, std::string>> bound_again;
  std::vector<std::string> lane;  ///< why the fast lane is off
  std::size_t fast = 0;
  std::vector<std::string> against_sharded;
  std::optional<Duration> default_timeout;  ///< of all tests without a limit of their own, by pytest-timeout's setting
};

}  // namespace trun
