// Collection arguments and node ids, one a line, the first line being the directory below / that they are relative to.
#include "collectors/collection_argument.h"
#include "reporters/node_name.h"
#include "tests/fuzz/fuzz.h"

namespace trun {
namespace {

using Arguments = std::vector<CollectionArgument>;

std::string written(const CollectionArgument& argument) {
  std::string text = argument.path;
  for (const std::string& part : argument.parts) text += "::" + part;
  return text + argument.parametrization.value_or("");
}

CollectionArgument resolved(const std::string& word, const std::string& cwd) {
  CollectionArgument argument = resolve_collection_argument(word, cwd);
  const std::string slashed = argument.path + "/";
  require(slashed[0] == '/', "a path is absolute");
  for (const char* what : {"//", "/./", "/../"})
    require(argument.path == "/" || slashed.find(what) == std::string::npos, "a path is normalised");
  require(absolute_path(argument.path, cwd) == argument.path, "a path that is normalised stays as it is");
  if (argument.path.find_first_of(":[") == std::string::npos)
    require(resolve_collection_argument(written(argument), cwd) == argument, "an argument can be written down");
  return argument;
}

void check_normalised(const Arguments& arguments) {
  const Arguments kept = normalize_collection_arguments(arguments);
  require(normalize_collection_arguments(kept) == kept, "normalising twice is normalising once");
  require(kept.empty() == arguments.empty(), "something is kept of something");
  auto next = arguments.begin();
  for (const CollectionArgument& argument : kept) {
    next = std::find(next, arguments.end(), argument);
    require(next++ != arguments.end(), "what is kept was given, in that order");
  }
  for (const CollectionArgument& argument : arguments) {
    const auto contains = [&](const CollectionArgument& by) {
      return by == argument || normalize_collection_arguments({argument, by}) == Arguments{by};
    };
    require(std::any_of(kept.begin(), kept.end(), contains), "what is left out is contained in what is kept");
  }
}

void check_name(const std::string& node_id) {
  const NodeName name = parse_node_id(node_id);
  std::string again(name.path);
  for (const std::string_view part : name.names) again.append("::").append(part);
  require(again.append(name.params) == node_id, "a node id is the sum of its parts");
  require(name.path == node_path(node_id) && name.path.find("::") == std::string_view::npos, "a path ends at ::");
  require(name.names.empty() == name.rest.empty() || name.names.size() == 1, "what follows the path has names");
  require(Viewpoint{"/r", "/r"}.node_id(node_id) == node_id, "who stands in the rootdir sees a node id as it is");
}

void check_relative(const std::string& from, const std::string& to) {
  require(absolute_path(relative_path(from, to), from) == to, "a relative path leads there");
}

}  // namespace

void fuzz(std::string_view input) {
  if (input.size() > 2000) return;  // the checks are quadratic
  FuzzInput parts(input);
  const std::string cwd = absolute_path(parts.line(), "/");
  Arguments arguments;
  for (const std::string& word : parts.lines()) {
    check_name(word);
    arguments.push_back(resolved(word, cwd));
    check_relative(cwd, arguments.back().path);
  }
  check_normalised(arguments);
}

}  // namespace trun
