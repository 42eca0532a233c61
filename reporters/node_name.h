// The parts of a node id, and the paths that pytest prints for them. The splitting rule is pytest's
// (_pytest/nodeid.py): parameters are everything after the first "[" behind the path, and are never looked into.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runner/base/test_item.h"

namespace trun {

/// A node id in parts; views into it. "a/test_b.py::TestC::test_d[1::2]": path "a/test_b.py", rest
/// "TestC::test_d[1::2]", names "TestC", "test_d", params "[1::2]" with its brackets.
struct NodeName {
  std::string_view path, rest, params;
  std::vector<std::string_view> names;
};

NodeName parse_node_id(std::string_view node_id);

/// pytest's headline of a test, "TestC.test_d[1]"; the path for a node without names.
std::string head_line_of(std::string_view node_id);

/// `to` as seen from the directory `from`, both absolute (pytest's bestrelpath); `to` itself where either is relative.
std::string relative_path(std::string_view from, std::string_view to);

/// Node ids and files as the user who stands in `invocation_dir` sees them. Empty: stands in the rootdir.
struct Viewpoint {
  std::string rootdir, invocation_dir;

  /// The path part of a node id; relative to the rootdir in, to the invocation directory out.
  std::string path(std::string_view node_path) const;
  std::string node_id(std::string_view node_id) const;
  /// An absolute file name, relative to the invocation directory.
  std::string file(std::string_view name) const;
};

}  // namespace trun
