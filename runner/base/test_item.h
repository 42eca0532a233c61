// The nouns of a collection: node ids, items, files. Plain values. In the engine an item is named by its
// index into Collection::items; on the wire always by node id.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runner/base/clock.h"

namespace trun {

/// pytest's node id, "tests/test_a.py::TestB::test_c[1]". UTF-8.
using NodeId = std::string;

/// The path part of a node id: everything before the first "::".
std::string_view node_path(std::string_view node_id);

/// Index into Collection::items, dense, in collection order.
using ItemIndex = std::uint32_t;
/// Index into Collection::files.
using FileIndex = std::uint32_t;
/// A worker's place, 0..N-1. A replacement worker keeps its slot.
using Slot = std::uint32_t;

/// One thing that a test holds while it runs, of a resource that `[resources]` names.
struct ResourceDemand {
  enum class Mode {
    units,  ///< `amount` of its units
    read,   ///< beside other readers
    write,  ///< alone: all of it
  };
  std::string name;
  unsigned amount = 1;
  Mode mode = Mode::units;
  bool operator==(const ResourceDemand&) const = default;
};

/// How much of a process a test shares with others.
enum class Isolation {
  none,
  file,  ///< the tests of its file have a process of their own
  test,  ///< it has a process of its own, forked from the collected state
};

/// What a test asks trun for: `@pytest.mark.trun(...)`, and what [categories] and [[overrides]] say of it.
struct TestDemands {
  std::optional<Isolation> isolate;  ///< none: as the whole run
  std::vector<ResourceDemand> resources;
  bool serial = false;  ///< nothing else runs meanwhile
  std::vector<std::string> services;
  bool operator==(const TestDemands&) const = default;
};

/// One collected test.
struct TestItem {
  NodeId id;
  FileIndex file = 0;
  /// Source line, 0-based as pytest's location; -1 where not asked for.
  int line = -1;
  /// Name of the xdist_group marker, empty without one.
  std::string group;
  /// Its own time limit: of the `timeout` marker, a rule, or pytest-timeout's ini key; zero: no limit.
  std::optional<Duration> timeout;
  TestDemands demands{};
  /// Those of its markers that a rule selects by.
  std::vector<std::string> marks{};
};

/// One file that has tests. `path` is the path part of its items' node ids.
struct TestFile {
  std::string path;
  /// Items of this file, in collection order.
  std::vector<ItemIndex> items;
};

/// What collection found, once and for all.
struct Collection {
  std::vector<TestItem> items;
  std::vector<TestFile> files;
  std::size_t deselected = 0;
  /// Items whose node id earlier ones have, too, and how many of these there are: pytest joins parameters by "-", so
  /// ("x-1", "2") and ("x", "1-2") have one id.
  std::unordered_map<ItemIndex, unsigned> repeats{};
};

/// "gpu", "gpu:2", "read:db", "write:db" ("exclusive:db" is the same); nullopt: anything else.
std::optional<ResourceDemand> parse_demand(std::string_view text);
/// The text that parses to it.
std::string demand_text(const ResourceDemand& demand);

/// "none", "file", "test"; nullopt: anything else.
std::optional<Isolation> parse_isolation(std::string_view text);
std::string_view isolation_name(Isolation isolation);

/// "gw3": the worker id xdist's users know.
inline std::string worker_name(Slot slot) { return "gw" + std::to_string(slot); }

}  // namespace trun
