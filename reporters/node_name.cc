#include "reporters/node_name.h"

#include <filesystem>

namespace trun {

NodeName parse_node_id(std::string_view node_id) {
  NodeName name;
  name.path = node_path(node_id);
  if (name.path.size() == node_id.size()) return name;
  name.rest = node_id.substr(name.path.size() + 2);
  // From the first bracket on, all is parameters. They may hold "::", so the names are split off before it.
  const std::size_t bracket = std::min(name.rest.find('['), name.rest.size());
  name.params = name.rest.substr(bracket);
  std::string_view left = name.rest.substr(0, bracket);
  for (std::size_t end; (end = left.find("::")) != std::string_view::npos; left.remove_prefix(end + 2)) {
    name.names.push_back(left.substr(0, end));
  }
  name.names.push_back(left);
  return name;
}

std::string head_line_of(std::string_view node_id) {
  const NodeName name = parse_node_id(node_id);
  if (name.names.empty()) return std::string(name.path);
  std::string line;
  for (const std::string_view part : name.names) {
    if (!line.empty()) line += '.';
    line += part;
  }
  return line.append(name.params);
}

std::string relative_path(std::string_view from, std::string_view to) {
  const std::filesystem::path directory(from), target(to);
  // By text alone: no path needs to exist, and symlinks stay as they were named.
  if (!directory.is_absolute() || !target.is_absolute()) return std::string(to);
  return target.lexically_relative(directory).string();
}

std::string Viewpoint::path(std::string_view node_path) const {
  // pytest prints paths as the directory sees them in which it was started; node ids themselves are relative to
  // rootdir.
  if (invocation_dir.empty() || invocation_dir == rootdir) return std::string(node_path);
  return relative_path(invocation_dir, rootdir + "/" + std::string(node_path));
}

std::string Viewpoint::node_id(std::string_view node_id) const {
  const std::string_view path_part = node_path(node_id);
  return path(path_part) + std::string(node_id.substr(path_part.size()));
}

std::string Viewpoint::file(std::string_view name) const {
  return relative_path(invocation_dir.empty() ? rootdir : invocation_dir, name);
}

}  // namespace trun
