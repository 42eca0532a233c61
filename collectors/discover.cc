#include "collectors/discover.h"

#include <cstddef>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "collectors/collection_argument.h"
#include "collectors/conftest_scan.h"
#include "collectors/directory.h"
#include "collectors/module_names.h"
#include "collectors/source_scan.h"
#include "collectors/tree_walk.h"

namespace trun {
namespace {

// Nobody writes such a file; what is generated and larger is not read to its end, and nothing is ruled out for it.
constexpr std::size_t kMostText = std::size_t{32} << 20;

bool is_strictly_above(const std::string& directory, const std::string& path) {
  if (directory == path) return false;
  return directory == "/" || (path.starts_with(directory) && path[directory.size()] == '/');
}

class Discoverer {
 public:
  Discoverer(const std::string& confcutdir, const DiscoverOptions& options)
      : confcutdir_(confcutdir), walk_(options, [this](const WalkedFile& file) { take(file); }) {}

  void add(const CollectionArgument& argument) {
    // pytest refuses both and ends the run: parameters of a path, and "::" parts of a directory.
    if (argument.parametrization && argument.parts.empty()) return;
    if (!argument.parts.empty() && is_directory(argument.path)) return;
    // In the order in which pytest loads them: conftests above an argument before those below it.
    add_conftests_above(argument.path);
    walk_.walk(argument.path);
  }

  Discovery finish() {
    found_.duplicate_modules = modules_.duplicates();
    // Neither file of a pair can be imported beside the other, so both are marked.
    std::unordered_set<std::string> duplicates;
    for (const auto& [first, other] : found_.duplicate_modules) duplicates.insert({first, other});
    for (FoundFile& file : found_.files) file.scan.rootless_duplicate = duplicates.count(file.path) != 0;
    if (names_subclasses_) see_subclasses();
    found_.complete = walk_.complete();
    return std::move(found_);
  }

 private:
  // pytest loads the conftest.py of each directory above an argument, but for those above confcutdir
  // (_is_in_confcutdir).
  void add_conftests_above(const std::string& path) {
    std::vector<std::string> directories;
    for (std::size_t slash = path.rfind('/'); slash != std::string::npos;
         slash = slash == 0 ? std::string::npos : path.rfind('/', slash - 1)) {
      std::string directory = slash == 0 ? "/" : path.substr(0, slash);
      // Upwards, and no further than a directory that an earlier argument has passed: all above it was looked in then.
      if (is_strictly_above(directory, confcutdir_) || !looked_in_.insert(directory).second) break;
      directories.push_back(std::move(directory));
    }
    // Downwards: pytest loads a conftest after those above it.
    for (auto directory = directories.rbegin(); directory != directories.rend(); ++directory) {
      const std::string conftest = (*directory == "/" ? "" : *directory) + "/conftest.py";
      if (is_regular_file(conftest)) take({conftest, package_root_of(*directory), WalkedFile::Role::conftest});
    }
  }

  // Some text asks a class for its subclasses. Which class, the scan does not follow: any base of tests that somebody
  // else has made.
  void see_subclasses() {
    for (FoundFile& file : found_.files) {
      ModuleEffects& effects = file.scan.effects;
      for (const Assumption& assumed : effects.assumes) {
        if (assumed.kind != Assumption::Kind::base || !effects.seen.empty()) continue;
        effects.seen = "class of " + assumed.name + ", where subclasses are asked for";
        effects.line = assumed.line;
      }
    }
  }

  void take(const WalkedFile& file) {
    // Two sets: arguments may overlap, so a file may come twice; a conftest.py that python_files matches is both, a
    // module with tests and a conftest, and counts as each.
    const bool test = file.role == WalkedFile::Role::test;
    if (!(test ? files_ : conftests_).insert(file.path).second) return;
    const std::optional<std::string_view> text = read_regular_file(file.path, kMostText, buffer_);
    if (!text) return;
    if (test)
      take_test(file, *text);
    else
      take_conftest(file, *text);
  }

  void take_test(const WalkedFile& file, std::string_view text) {
    SourceScan scan = scan_source(text);
    // The read ended at the limit, so a fact that decides may stand behind the cut. Both are set to the cautious
    // answer: the file may reorder tests across files, and others may see its import.
    if (text.size() == kMostText) {
      scan.wide_params = true;
      scan.effects.seen = "a text that is too long to be read";
    }
    names_subclasses_ = names_subclasses_ || scan.names_subclasses;
    found_.files.push_back({file.path, std::move(scan)});
    modules_.add(file.path, file.package_root);
  }

  void take_conftest(const WalkedFile& file, std::string_view text) {
    found_.conftests.push_back({file.path, scan_conftest(text)});
    names_subclasses_ = names_subclasses_ || text.find("__subclasses__") != std::string_view::npos;
    // The same caution: every word that keeps a suite from being sharded.
    if (text.size() == kMostText) found_.conftests.back().mentions = {"exec", "globals", "import *", "wide_params"};
    // Without a package it is taken out of sys.modules after its import (_ensure_removed_sysmodule): no duplicate.
    if (!file.package_root.empty()) modules_.add(file.path, file.package_root);
  }

  const std::string confcutdir_;
  TreeWalk walk_;
  std::unordered_set<std::string> files_, conftests_, looked_in_;
  ModuleNames modules_;
  bool names_subclasses_ = false;
  std::string buffer_;  // for the text of one file after the other
  Discovery found_;
};

}  // namespace

Discovery discover(const std::vector<std::string>& args, const std::string& cwd, const std::string& rootdir,
                   const DiscoverOptions& options) {
  std::vector<CollectionArgument> arguments;
  for (const std::string& arg : args) arguments.push_back(resolve_collection_argument(arg, cwd));
  if (args.empty()) arguments.push_back(resolve_collection_argument(".", cwd));
  Discoverer discoverer(absolute_path(rootdir, cwd), options);
  for (const CollectionArgument& argument : normalize_collection_arguments(arguments)) discoverer.add(argument);
  return discoverer.finish();
}

}  // namespace trun
