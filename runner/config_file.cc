#include "runner/config_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

// Parse errors come back as values, not as exceptions: the packaged library has exceptions compiled in, its headers
// need not.
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

namespace trun {
namespace {

namespace fs = std::filesystem;

ConfigTable convert_table(const toml::table& table);

ConfigValue convert(const toml::node& node) {
  ConfigValue out;
  out.line = node.source().begin.line;
  out.column = node.source().begin.column;
  if (const auto* boolean = node.as_boolean()) {
    out.data = boolean->get();
  } else if (const auto* integer = node.as_integer()) {
    out.data = integer->get();
  } else if (const auto* number = node.as_floating_point()) {
    out.data = number->get();
  } else if (const auto* text = node.as_string()) {
    out.data = text->get();
  } else if (const auto* table = node.as_table()) {
    out.data = convert_table(*table);
  } else if (const auto* array = node.as_array()) {
    ConfigArray items;
    for (const toml::node& item : *array) items.push_back(convert(item));
    out.data = std::move(items);
  } else {
    out.data = ConfigDate{};
  }
  return out;
}

ConfigTable convert_table(const toml::table& table) {
  ConfigTable out;
  for (const auto& [key, node] : table) {
    const auto place = key.source().begin;
    out.push_back({std::string(key.str()), convert(node), place.line, place.column});
  }
  // toml++ sorts by key; complaints are wanted in the order of the file.
  std::stable_sort(out.begin(), out.end(), [](const ConfigEntry& a, const ConfigEntry& b) {
    return std::pair(a.line, a.column) < std::pair(b.line, b.column);
  });
  return out;
}

Result<toml::table> parse_document(std::string_view text, const std::string& name) {
  toml::parse_result parsed = toml::parse(text, name);
  if (parsed) return std::move(parsed).table();
  const auto place = parsed.error().source().begin;
  return usage_error(name + ":" + std::to_string(place.line) + ":" + std::to_string(place.column) +
                     ": not valid TOML: " + std::string(parsed.error().description()));
}

Result<std::string> read_text(const std::string& path) {
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  // An empty file sets failbit on `text`, so only the input is asked. A directory opens, but does not read.
  if (in && in.peek() != std::ifstream::traits_type::eof()) text << in.rdbuf();
  if (!in.is_open() || in.bad() || errno == EISDIR)
    return usage_error("cannot read the configuration file " + path + ": " + std::strerror(errno ? errno : EIO));
  return text.str();
}

bool is_pyproject(const std::string& path) { return fs::path(path).filename() == "pyproject.toml"; }

/// [tool.trun] of a pyproject.toml; nullopt if it has none.
Result<std::optional<ConfigTable>> read_pyproject(const std::string& path) {
  TRUN_TRY(text, read_text(path));
  auto document = parse_document(text, path);
  if (!document) {
    // A file that is broken for all its readers but does not mention trun is theirs to complain about.
    if (text.find("trun") == std::string::npos) return std::optional<ConfigTable>();
    return document.error();
  }
  const toml::node_view<const toml::node> ours = std::as_const(*document)["tool"]["trun"];
  if (!ours) return std::optional<ConfigTable>();
  if (!ours.is_table())
    return usage_error(path + ":" + std::to_string(ours.node()->source().begin.line) + ": tool.trun must be a table");
  return std::optional<ConfigTable>(convert_table(*ours.as_table()));
}

Result<ConfigFile> config_in(const fs::path& directory) {
  std::error_code ignored;
  const std::string own = directory / "trun.toml";
  if (fs::exists(own, ignored)) return read_config_file(own);
  const std::string pyproject = directory / "pyproject.toml";
  if (!fs::exists(pyproject, ignored)) return ConfigFile{};
  TRUN_TRY(table, read_pyproject(pyproject));
  return table ? ConfigFile{pyproject, std::move(*table)} : ConfigFile{};
}

}  // namespace

Result<ConfigFile> find_config_file(const std::string& directory) {
  for (fs::path at = fs::path(directory).lexically_normal();; at = at.parent_path()) {
    TRUN_TRY(found, config_in(at));
    std::error_code ignored;
    if (!found.path.empty() || fs::exists(at / ".git", ignored) || at == at.parent_path()) return found;
  }
}

Result<ConfigFile> read_config_file(const std::string& path) {
  if (is_pyproject(path)) {
    TRUN_TRY(table, read_pyproject(path));
    if (!table) return usage_error("the configuration file " + path + " has no table [tool.trun]");
    return ConfigFile{path, std::move(*table)};
  }
  TRUN_TRY(text, read_text(path));
  TRUN_TRY(table, parse_toml(text, path));
  return ConfigFile{path, std::move(table)};
}

Result<ConfigTable> parse_toml(std::string_view text, const std::string& name) {
  TRUN_TRY(document, parse_document(text, name));
  return convert_table(document);
}

}  // namespace trun
