// One path that the user gave, as pytest resolves and normalises them (_pytest/main.py, 9.2:
// resolve_collection_argument, normalize_collection_arguments). Purely text: whether the path exists is not asked here.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace trun {

struct CollectionArgument {
  std::string path;                            ///< absolute, normalised by text, symlinks not resolved
  std::vector<std::string> parts;              ///< what follows "::"
  std::optional<std::string> parametrization;  ///< from the first "[" on

  bool operator==(const CollectionArgument&) const = default;
};

/// `path` below `cwd` unless it is absolute, without ".", ".." and double slashes, as os.path.abspath.
/// REQUIRES: cwd is absolute.
std::string absolute_path(const std::string& path, const std::string& cwd);

CollectionArgument resolve_collection_argument(const std::string& argument, const std::string& cwd);

/// Without those that another one contains, in the order given; of equal ones the first stays.
std::vector<CollectionArgument> normalize_collection_arguments(const std::vector<CollectionArgument>& arguments);

}  // namespace trun
