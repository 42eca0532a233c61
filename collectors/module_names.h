// Which files cannot be imported side by side: pytest's prepend and append modes give every file one name in
// sys.modules, its own if it lies in no package, its topmost package's otherwise. Names only; nothing is imported.
#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace trun {

class ModuleNames {
 public:
  /// Adds a test file, or a conftest.py in a package. `package_root` is empty for a file that lies in no package.
  void add(const std::string& path, const std::string& package_root);

  /// Adding order: each name that two places claim, as (first place, other place). A place is a file or the
  /// __init__.py of a package root: two packages `tests` are in each other's way whatever files they hold.
  const std::vector<std::pair<std::string, std::string>>& duplicates() const { return duplicates_; }

 private:
  struct Claims {
    std::string first;
    std::unordered_set<std::string> others;
  };
  std::unordered_map<std::string, Claims> names_;
  std::vector<std::pair<std::string, std::string>> duplicates_;
};

}  // namespace trun
