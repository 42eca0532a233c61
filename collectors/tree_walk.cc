#include "collectors/tree_walk.h"

#include <algorithm>
#include <limits>
#include <string_view>

#include "collectors/glob.h"

namespace trun {
namespace {

using Kind = DirectoryEntry::Kind;

std::string join(const std::string& directory, const std::string& name) {
  std::string path;
  path.reserve(directory.size() + 1 + name.size());
  path.append(directory);
  if (!path.ends_with('/')) path.push_back('/');
  return path.append(name);
}

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// Path.suffix == ".py": a file called ".py" has none.
bool is_python(std::string_view name) { return name.size() > 3 && name.ends_with(".py"); }

// str.isidentifier, where every character beyond ASCII is taken for a letter.
bool is_identifier(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || (c & 0x80) != 0;
  });
}

bool has_entry(const DirectoryListing& listing, std::string_view name, Kind kind) {
  return std::any_of(listing.entries.begin(), listing.entries.end(),
                     [&](const DirectoryEntry& entry) { return entry.kind == kind && entry.name == name; });
}

// pytest sorts the entries of a directory by name, files and directories together (scandir in pathlib.py), with
// __init__.py first in a package (Package.collect). pytest 7 visits the files of a directory before those below it.
void sort_entries(DirectoryListing& listing, bool package, bool files_first) {
  std::sort(listing.entries.begin(), listing.entries.end(), [&](const DirectoryEntry& a, const DirectoryEntry& b) {
    if (package && (a.name == "__init__.py" || b.name == "__init__.py"))
      return a.name == "__init__.py" && b.name != a.name;
    if (files_first && (a.kind == Kind::directory) != (b.kind == Kind::directory)) return b.kind == Kind::directory;
    return a.name < b.name;
  });
}

}  // namespace

std::string package_root_of(const std::string& directory) {
  std::string root;
  // Without a gap: a directory without __init__.py ends the search, even if one above it has one.
  for (std::string at = directory; is_identifier(name_of(at)) && is_regular_file(join(at, "__init__.py"));
       at = parent_of(at))
    root = at;
  return root;
}

TreeWalk::TreeWalk(const DiscoverOptions& options, OnFile on_file)
    : options_(options),
      on_file_(std::move(on_file)),
      entries_left_(options.max_entries == 0 ? std::numeric_limits<std::size_t>::max() : options.max_entries) {}

void TreeWalk::walk(const std::string& path) {
  const std::string name = name_of(path);
  // Neither norecursedirs nor --ignore nor python_files keeps out a path that the command line names, as in pytest
  // (isinitpath).
  if (is_directory(path)) {
    walk_directory(path, package_root_of(parent_of(path)));
  } else if (is_python(name) && is_regular_file(path)) {
    on_file_({path, package_root_of(parent_of(path)), WalkedFile::Role::test});
  }
}

void TreeWalk::walk_directory(const std::string& path, const std::string& package_above) {
  if (!complete_) return;
  std::optional<DirectoryListing> listing = list_directory(path, entries_left_);
  if (!listing) return;
  entries_left_ -= listing->entries.size();
  complete_ &= listing->complete;
  // A link back to a directory that the walk is in. Only ancestors are asked: a directory that two links reach is
  // walked under both paths.
  if (std::find(ancestors_.begin(), ancestors_.end(), listing->identity) != ancestors_.end()) return;
  // The first directory is the argument itself, which no rule keeps out.
  if (!ancestors_.empty() && is_virtualenv(path, *listing)) return;
  const bool package = has_entry(*listing, "__init__.py", Kind::file);
  sort_entries(*listing, package, options_.files_first);
  std::string package_root;
  // The topmost package stays that of the whole subtree. A directory that no `import` can name begins no package.
  if (package && is_identifier(name_of(path))) package_root = package_above.empty() ? path : package_above;
  // As pytest does: loaded before what lies below, and also where --ignore keeps it from being collected.
  if (has_entry(*listing, "conftest.py", Kind::file))
    on_file_({join(path, "conftest.py"), package_root, WalkedFile::Role::conftest});
  ancestors_.push_back(listing->identity);
  visit_entries(path, *listing, package_root);
  ancestors_.pop_back();
}

void TreeWalk::visit_entries(const std::string& path, const DirectoryListing& listing,
                             const std::string& package_root) {
  for (const DirectoryEntry& entry : listing.entries) {
    if (entry.kind == Kind::file && is_python(entry.name)) {
      visit_file(join(path, entry.name), package_root);
    } else if (entry.kind == Kind::directory) {
      const std::string directory = join(path, entry.name);
      if (is_ignored_directory(directory, entry.name))
        visit_ignored_directory(directory, entry.name);
      else
        walk_directory(directory, package_root);
    }
  }
}

void TreeWalk::visit_file(const std::string& path, const std::string& package_root) {
  // The patterns of --ignore-glob are for the whole path; those of python_files may be for the name alone (fnmatch_ex).
  if (matches_any(options_.python_files, path) && !is_ignored(path))
    on_file_({path, package_root, WalkedFile::Role::test});
}

// pytest loads test*/conftest.py directly below an argument before it asks what is ignored (_try_load_conftest). Its
// hooks are there even if nothing of that directory is collected.
void TreeWalk::visit_ignored_directory(const std::string& path, const std::string& name) {
  if (ancestors_.size() != 1 || !name.starts_with("test")) return;
  const std::string conftest = join(path, "conftest.py");
  if (is_regular_file(conftest)) on_file_({conftest, package_root_of(path), WalkedFile::Role::conftest});
}

bool TreeWalk::is_ignored(const std::string& path) const {
  const auto matches = [&](const std::string& pattern) { return fnmatch(path, pattern); };
  return std::find(options_.ignore.begin(), options_.ignore.end(), path) != options_.ignore.end() ||
         std::any_of(options_.ignore_glob.begin(), options_.ignore_glob.end(), matches);
}

bool TreeWalk::is_ignored_directory(const std::string& path, const std::string& name) const {
  return name == "__pycache__" || matches_any(options_.norecursedirs, path) || is_ignored(path);
}

bool TreeWalk::is_virtualenv(const std::string& path, const DirectoryListing& listing) const {
  if (options_.collect_in_virtualenv) return false;
  // pytest's _in_venv: PEP 405 and conda. The listing is at hand, so most directories cost no further system call.
  return has_entry(listing, "pyvenv.cfg", Kind::file) ||
         (has_entry(listing, "conda-meta", Kind::directory) && is_regular_file(join(path, "conda-meta/history")));
}

}  // namespace trun
