// Walks directories as pytest's collectors do (_pytest/main.py, python.py: Dir.collect, Package.collect,
// pytest_ignore_collect, pytest_collect_file) and says which files it meets. It reads no file. A symlinked directory is
// followed unless it leads back to a directory that the walk is in.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "collectors/directory.h"
#include "collectors/discover.h"

namespace trun {

/// A file that matters to collection, as one of two things; a conftest.py that python_files names comes twice. The
/// references live as long as the call.
struct WalkedFile {
  enum class Role {
    test,      ///< pytest would collect it as a module
    conftest,  ///< pytest would load it; comes before what lies in its directory
  };
  const std::string& path;
  const std::string& package_root;  ///< the topmost package that holds it, as pytest's resolve_package_path; or empty
  Role role;
};

/// The topmost directory, from `directory` upwards without a gap, that has an __init__.py and a name that Python can
/// import.
std::string package_root_of(const std::string& directory);

class TreeWalk {
 public:
  using OnFile = std::function<void(const WalkedFile&)>;

  /// REQUIRES: `options` outlives the walk.
  TreeWalk(const DiscoverOptions& options, OnFile on_file);

  /// A path named on the command line: no rule of `options` keeps it out, only those below it are judged. Calls
  /// `on_file` in pytest's order. What does not exist, or is no Python file, gives nothing.
  void walk(const std::string& path);

  /// False if options.max_entries ended a walk.
  bool complete() const { return complete_; }

 private:
  void walk_directory(const std::string& path, const std::string& package_above);
  void visit_entries(const std::string& path, const DirectoryListing& listing, const std::string& package_root);
  void visit_file(const std::string& path, const std::string& package_root);
  void visit_ignored_directory(const std::string& path, const std::string& name);
  bool is_ignored(const std::string& path) const;
  bool is_ignored_directory(const std::string& path, const std::string& name) const;
  bool is_virtualenv(const std::string& path, const DirectoryListing& listing) const;

  // Constant after construction.
  const DiscoverOptions& options_;
  const OnFile on_file_;

  std::size_t entries_left_;
  bool complete_ = true;
  std::vector<DirectoryIdentity> ancestors_;  // of the directory being walked, itself the last
};

}  // namespace trun
