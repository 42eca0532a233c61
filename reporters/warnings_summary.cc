#include <algorithm>
#include <string>
#include <unordered_map>

#include "reporters/node_name.h"
#include "reporters/summary.h"

namespace trun {
namespace {

struct Group {
  std::string_view message;
  std::vector<std::string> locations;
};

std::string location(const event::WarningRecorded& warning, const Viewpoint& viewpoint) {
  // pytest names the test where the warning was caught in one, else the file and line that caused it.
  if (!warning.node_id.empty()) return warning.node_id;
  return warning.filename.empty() ? std::string()
                                  : viewpoint.file(warning.filename) + ":" + std::to_string(warning.line);
}

/// Equal messages together, in the order in which they first came.
std::vector<Group> grouped(const std::vector<event::WarningRecorded>& warnings, const Viewpoint& viewpoint) {
  std::vector<Group> groups;
  std::unordered_map<std::string_view, std::size_t> index;
  for (const event::WarningRecorded& warning : warnings) {
    const auto [at, is_new] = index.emplace(warning.text, groups.size());
    if (is_new) groups.push_back({warning.text, {}});
    std::string place = location(warning, viewpoint);
    if (!place.empty()) groups[at->second].locations.push_back(std::move(place));
  }
  return groups;
}

/// The places themselves, ten and more of them as counts by file.
std::vector<std::string> location_lines(const Group& group) {
  // pytest's collapsed_location_report.
  if (group.locations.size() < 10) return group.locations;
  std::vector<std::pair<std::string_view, std::size_t>> files;
  std::unordered_map<std::string_view, std::size_t> index;
  for (const std::string& place : group.locations) {
    // A node id up to its "::"; a place with a line stays as it is.
    const std::string_view file = node_path(place);
    const auto [at, is_new] = index.emplace(file, files.size());
    if (is_new) files.emplace_back(file, 0);
    ++files[at->second].second;
  }
  std::vector<std::string> lines;
  for (const auto& [file, count] : files) {
    lines.push_back(std::string(file) + ": " + std::to_string(count) + (count > 1 ? " warnings" : " warning"));
  }
  return lines;
}

std::string stripped_right(std::string text) {
  text.erase(text.find_last_not_of(" \t\n\r\f\v") + 1);
  return text;
}

std::string indented(std::string_view message) {
  std::string out;
  while (!message.empty()) {
    const std::size_t end = std::min(message.find('\n'), message.size());
    out.append("  ").append(message.substr(0, end)) += '\n';
    message.remove_prefix(std::min(end + 1, message.size()));
  }
  return out;
}

}  // namespace

void write_warnings(const Summary& s) {
  if (!s.wants('w') || s.log.warnings.empty()) return;
  const Viewpoint viewpoint{s.options.rootdir, s.options.invocation_dir};
  s.writer.sep('=', "warnings summary", {Color::yellow});
  for (const Group& group : grouped(s.log.warnings, viewpoint)) {
    const std::vector<std::string> places = location_lines(group);
    for (const std::string& place : places) s.writer.line(place);
    // Below places the message is indented; without a place it stands alone.
    s.writer.line(stripped_right(places.empty() ? std::string(group.message) : indented(group.message)));
    s.writer.line();
  }
  s.writer.line("-- Docs: https://docs.pytest.org/en/stable/how-to/capture-warnings.html");
}

}  // namespace trun
