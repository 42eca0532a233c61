#include "collectors/collection_argument.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string_view>

namespace trun {
namespace {

// By component, as Python compares paths: a slash sorts below everything else. By bytes, "a-b" would stand between "a"
// and "a/b", and "a" would not stand directly before the paths that it contains.
bool path_less(const std::string& left, const std::string& right) {
  return std::lexicographical_compare(left.begin(), left.end(), right.begin(), right.end(), [](char a, char b) {
    const auto rank = [](char c) { return c == '/' ? 0 : static_cast<unsigned char>(c) + 1; };
    return rank(a) < rank(b);
  });
}

bool argument_less(const CollectionArgument& left, const CollectionArgument& right) {
  if (left.path != right.path) return path_less(left.path, right.path);
  if (left.parts != right.parts) return left.parts < right.parts;
  return left.parametrization.value_or("") < right.parametrization.value_or("");
}

bool is_below(const std::string& path, const std::string& directory) {
  if (directory == "/") return true;
  return path.starts_with(directory) && path.size() > directory.size() && path[directory.size()] == '/';
}

bool is_contained(const CollectionArgument& argument, const CollectionArgument& by) {
  // Only a path without "::" parts can be a directory, and contain other paths.
  if (by.path != argument.path) return by.parts.empty() && is_below(argument.path, by.path);
  if (by.parts.size() > argument.parts.size()) return false;
  // Of one file, `a.py::TestA` contains `a.py::TestA::test_b`; `a.py::test_b` contains `a.py::test_b[1]`, but not the
  // other way round.
  if (!std::equal(by.parts.begin(), by.parts.end(), argument.parts.begin())) return false;
  return !by.parametrization || by.parametrization == argument.parametrization;
}

}  // namespace

std::string absolute_path(const std::string& path, const std::string& cwd) {
  const std::string joined = path.starts_with("/") ? path : cwd + "/" + path;
  std::string result;
  for (std::size_t begin = 0; begin <= joined.size();) {
    const std::size_t end = std::min(joined.find('/', begin), joined.size());
    const std::string_view component(joined.data() + begin, end - begin);
    // By text, as os.path.abspath: "link/.." is the directory that has the link, not the parent of its target. Each
    // component was appended with its slash, so cutting at the last slash takes one off; above "/" stays "/".
    if (component == "..") {
      result.resize(result.empty() ? 0 : result.rfind('/'));
    } else if (!component.empty() && component != ".") {
      result.append("/").append(component);
    }
    begin = end + 1;
  }
  return result.empty() ? "/" : result;
}

CollectionArgument resolve_collection_argument(const std::string& argument, const std::string& cwd) {
  CollectionArgument result;
  // The bracket first, as pytest partitions: parameters may hold "::", which then divides nothing.
  const std::size_t bracket = argument.find('[');
  if (bracket != std::string::npos) result.parametrization = argument.substr(bracket);
  const std::string base = argument.substr(0, bracket);
  std::size_t end = base.find("::");
  result.path = absolute_path(base.substr(0, end), cwd);
  while (end != std::string::npos) {
    const std::size_t begin = end + 2;
    end = base.find("::", begin);
    result.parts.push_back(base.substr(begin, end == std::string::npos ? end : end - begin));
  }
  return result;
}

std::vector<CollectionArgument> normalize_collection_arguments(const std::vector<CollectionArgument>& arguments) {
  std::vector<std::size_t> order(arguments.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return argument_less(arguments[a], arguments[b]); });
  // In this order an argument stands directly before those that it contains, so one comparison with the last one kept
  // is enough. That is O(n log n), as in pytest, whose command lines may have thousands of arguments.
  std::vector<std::size_t> kept;
  for (const std::size_t index : order)
    if (kept.empty() || !is_contained(arguments[index], arguments[kept.back()])) kept.push_back(index);
  // pytest collects in the order of the command line, not in that of the paths.
  std::sort(kept.begin(), kept.end());
  std::vector<CollectionArgument> result;
  for (const std::size_t index : kept) result.push_back(arguments[index]);
  return result;
}

}  // namespace trun
