#include "runner/config/mode.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "runner/config/config_table.h"
#include "runner/config/dotenv.h"

namespace trun {

Complaint parse(const ConfigValue& value, EnvFile& out) {
  // ".env.ci", or { path = ".env.local", required = false }.
  if (!std::holds_alternative<ConfigTable>(value.data)) return parse(value, out.path);
  return TableReader(value).required("path", out.path).maybe("required", out.required).finish();
}

Complaint parse(const ConfigValue& value, std::vector<EnvFile>& out) {
  const auto* array = std::get_if<ConfigArray>(&value.data);
  if (!array) return wrong_type(value, "an array of paths");
  for (const ConfigValue& entry : *array) {
    Complaint complaint = parse(entry, out.emplace_back());
    if (!complaint) continue;
    // The complaint names the entry, not the array.
    if (!complaint->line) {
      complaint->line = entry.line;
      complaint->column = entry.column;
    }
    return complaint;
  }
  return {};
}

/// The variables of an `env` table.
Complaint parse(const ConfigValue& value, Variables& out) {
  return read_names(value, [&](const std::string& name, const ConfigValue& text) -> Complaint {
    return read_variable(name, text, out.emplace_back(name, "").second);
  });
}

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kBuiltin[] = {"lightweight", "integration", "full"};
Complaint parse_mode(const ConfigValue& value, bool (*is_setting)(std::string_view), Mode& mode) {
  std::vector<std::string> services;
  TableReader reader(value);
  reader.maybe("env_files", mode.env_files).maybe("env", mode.env).maybe("services", services);
  reader.maybe("markers", mode.markers).maybe("paths", mode.paths).take(is_setting, mode.settings);
  // A mode without this key starts the services that the tests ask for; an empty list starts none.
  if (reader.has("services")) mode.services = std::move(services);
  return reader.finish();
}

Mode builtin(std::string_view name) {
  Mode mode;
  mode.name = name;
  // An empty list: no services. A table of the file may say otherwise.
  if (name == "lightweight") mode.services.emplace();
  return mode;
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (in && in.peek() != std::ifstream::traits_type::eof()) text << in.rdbuf();
  if (!in.is_open() || in.bad()) return usage_error("cannot read the environment file " + path);
  return text.str();
}

// pytest splits `testpaths` as a shell does (shlex.split).
std::string quoted_word(const std::string& word) {
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\"'\"'") : std::string(1, c);
  return out + "'";
}

}  // namespace

Complaint parse_modes(const ConfigValue& value, bool (*is_setting)(std::string_view), std::vector<Mode>& out) {
  // The Config begins with the built-in modes, which come again below if the file has none of that name.
  out.clear();
  Complaint complaint = read_names(value, [&](const std::string& name, const ConfigValue& table) {
    out.push_back(builtin(name));
    return parse_mode(table, is_setting, out.back());
  });
  for (Mode& mode : builtin_modes()) {
    if (!find_mode(out, mode.name)) out.push_back(std::move(mode));
  }
  return complaint;
}

std::vector<Mode> builtin_modes() {
  std::vector<Mode> modes;
  for (const std::string_view name : kBuiltin) modes.push_back(builtin(name));
  return modes;
}

const Mode* find_mode(const std::vector<Mode>& modes, std::string_view name) {
  const auto found = std::find_if(modes.begin(), modes.end(), [&](const Mode& mode) { return mode.name == name; });
  return found == modes.end() ? nullptr : &*found;
}

Result<Variables> environment_of(const Mode& mode, const std::string& directory, const Lookup& outside) {
  Variables all;
  const auto known = [&](std::string_view name) -> std::optional<std::string> {
    // The process's own environment counts most, also where a file uses one of its variables.
    if (auto value = outside(name)) return value;
    const auto found = std::find_if(all.rbegin(), all.rend(), [&](const auto& each) { return each.first == name; });
    return found == all.rend() ? std::nullopt : std::optional(found->second);
  };
  for (const EnvFile& file : mode.env_files) {
    const std::string path = (fs::path(directory) / file.path).lexically_normal();
    std::error_code ignored;
    if (!file.required && !fs::exists(path, ignored)) continue;
    TRUN_TRY(text, read_file(path));
    TRUN_TRY(variables, parse_dotenv(text, path, known));
    all.insert(all.end(), variables.begin(), variables.end());
  }
  // Behind the files, because the last of a name counts.
  for (const auto& [name, value] : mode.env) {
    all.emplace_back(name, expand_variables(value, known));
  }
  // The process has these variables already, and its values count.
  std::erase_if(all, [&](const auto& variable) { return outside(variable.first).has_value(); });
  return all;
}

std::vector<std::string> pytest_args_of(const Mode& mode) {
  std::vector<std::string> args;
  if (!mode.markers.empty()) args.insert(args.end(), {"-m", mode.markers});
  if (mode.paths.empty()) return args;
  // Not as arguments: paths of the command line would add to them.
  std::string paths;
  for (const std::string& path : mode.paths) paths += (paths.empty() ? "" : " ") + quoted_word(path);
  args.insert(args.end(), {"-o", "testpaths=" + paths});
  return args;
}

}  // namespace trun
