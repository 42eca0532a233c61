#include "runner/engine/nothing_found.h"

#include <algorithm>
#include <vector>

namespace trun {
namespace {

constexpr std::size_t kNamed = 3;

std::string counted(std::size_t n, const std::string& noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

/// "a, b, c and 4 more".
std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kNamed); ++i) text += (i ? ", " : "") + names[i];
  if (names.size() > kNamed) text += " and " + std::to_string(names.size() - kNamed) + " more";
  return text;
}

std::string where(const Configured& pytest) {
  const std::string places = pytest.args.empty() ? pytest.invocation_dir : listed(pytest.args);
  return places + (pytest.args_source == "TESTPATHS" ? " (testpaths)" : "");
}

/// Who may have left out tests that were collected.
std::string by_whom(const PytestOptions& options) {
  std::vector<std::string> names;
  if (!options.keyword.empty()) names.push_back("-k '" + options.keyword + "'");
  if (!options.markexpr.empty()) names.push_back("-m '" + options.markexpr + "'");
  return names.empty() ? "by --deselect, another option or a hook" : "by " + listed(names);
}

}  // namespace

std::optional<std::string> nothing_found(const Configured& pytest, const Discovery& found, const Gathered& gathered) {
  if (!gathered.collection.items.empty() || gathered.errors) return std::nullopt;
  const std::string start = "nothing to run: ";
  if (const std::size_t left_out = gathered.collection.deselected) {
    return start + "of " + counted(left_out, "test") + " found under " + where(pytest) + " all are deselected, " +
           by_whom(pytest.options);
  }
  if (const std::size_t skipped = gathered.reports.size()) {
    return start + counted(skipped, "file") + " under " + where(pytest) + (skipped == 1 ? " was" : " were") +
           " skipped as a whole; -rs shows why";
  }
  if (found.files.empty()) {
    return start + "no test file under " + where(pytest) + "; looked for " + listed(pytest.ini.python_files) +
           " (python_files)";
  }
  return start + counted(found.files.size(), "test file") + " under " + where(pytest) +
         ", and no test in them; looked for functions " + listed(pytest.ini.python_functions) +
         " (python_functions) and classes " + listed(pytest.ini.python_classes) +
         " (python_classes, without __init__), and for unittest.TestCase";
}

}  // namespace trun
