// The nouns of a collection: node ids, items, files. Plain values. In the engine an item is named by its
// index into Collection::items; on the wire always by node id.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
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

/// One collected test.
struct TestItem {
  NodeId id;
  FileIndex file = 0;
  /// Source line, 0-based as pytest's location; -1 where not asked for.
  int line = -1;
  /// Name of the xdist_group marker, empty without one.
  std::string group;
  /// Of the `timeout` marker, or pytest-timeout's ini key; zero: no limit.
  std::optional<Duration> timeout;
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
};

/// "gw3": the worker id xdist's users know.
inline std::string worker_name(Slot slot) { return "gw" + std::to_string(slot); }

}  // namespace trun
