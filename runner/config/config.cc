#include "runner/config/config.h"

#include <cstdlib>
#include <filesystem>

#include "runner/config/cli.h"
#include "runner/config/config_file.h"
#include "runner/config/conftest_options.h"
#include "runner/config/did_you_mean.h"
#include "runner/config/option.h"
#include "runner/config/service_config.h"
#include "runner/kernel/surroundings.h"

namespace trun {
namespace {

namespace fs = std::filesystem;

/// `~` and `$VAR` as os.path.expanduser and expandvars have them: pytest does this to --junitxml, and a shell
/// does not do it behind "--junitxml=". What is not set stays as it is.
std::string expanded(std::string text) {
  const char* home = std::getenv("HOME");
  if (home && (text == "~" || text.starts_with("~/"))) text = home + text.substr(1);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool braces = text.compare(i, 2, "${") == 0;
    const std::size_t start = i + (braces ? 2 : 1);
    std::size_t end = start;
    while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '_')) ++end;
    const bool closed = !braces || (end < text.size() && text[end] == '}');
    const char* value =
        text[i] == '$' && closed && end > start ? std::getenv(text.substr(start, end - start).c_str()) : nullptr;
    out += value ? value : std::string(1, text[i]);
    if (value) i = braces ? end : end - 1;
  }
  return out;
}

std::string absolute(const std::string& path, const fs::path& base) { return (base / path).lexically_normal(); }

/// Checks and completes a path that is a value of `option`; `base` is the directory it is relative to.
Complaint resolve(const Option& option, const fs::path& base, std::string& path) {
  // Every system call would end the path at that byte, and another file would be read or written.
  if (path.find('\0') != std::string::npos) return "must not have a zero byte in it";
  std::error_code ignored;
  switch (option.kind) {
    case Option::Kind::flag:
    case Option::Kind::value:
      return {};
    case Option::Kind::program:
      // A bare name is looked for on PATH, as a shell does.
      if (path.find('/') != std::string::npos) path = absolute(expanded(path), base);
      return {};
    case Option::Kind::input:
      path = absolute(expanded(path), base);
      return {};
    case Option::Kind::output:
      break;
  }
  if (path == "-") return "'-' is not a file: standard output is the terminal report's; give the path of a file";
  path = absolute(expanded(path), base);
  if (fs::is_directory(path, ignored)) return "must be the path of a file, and " + path + " is a directory";
  return {};
}

/// The value with its paths made absolute, given to the option.
Complaint apply(const Option& option, ConfigValue value, const fs::path& base, Config& config) {
  std::string* path = std::get_if<std::string>(&value.data);
  if (auto* argument = std::get_if<ArgumentText>(&value.data)) path = &argument->text;
  // Before set(), which knows no directory: a path in a file is relative to the file, one on the command line to the
  // cwd.
  if (path && !path->empty())
    if (Complaint complaint = resolve(option, base, *path)) return complaint;
  if (Complaint complaint = option.set(config, value)) return complaint;
  // Tables have no short form; --show-config writes them as they stood in the file.
  if (!option.show && !option.key.empty()) config.tables.insert_or_assign(std::string(option.key), std::move(value));
  return {};
}

std::vector<std::string_view> keys() {
  std::vector<std::string_view> out;
  for (const Option& option : options())
    if (!option.key.empty()) out.push_back(option.key);
  return out;
}

std::string place(const std::string& file, unsigned line, unsigned column) {
  return file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": ";
}

/// "trun.toml:3:9: key 'ports.api': must be ..."
std::string complaint_text(const Problem& problem, const std::string& file, const ConfigEntry& entry) {
  const std::string where =
      problem.line ? place(file, problem.line, problem.column) : place(file, entry.value.line, entry.value.column);
  if (problem.of_key) return where + problem.text;
  const std::string key = problem.key.empty() ? entry.key : entry.key + "." + problem.key;
  return where + "key '" + key + "': " + problem.text;
}

Status apply_file(const ConfigFile& file, Config& config) {
  const fs::path base = fs::path(file.path).parent_path();
  for (const ConfigEntry& entry : file.table) {
    const Option* option = find_key(entry.key);
    if (!option)
      return usage_error(place(file.path, entry.line, entry.column) + "unknown key '" + entry.key + "'" +
                         did_you_mean(entry.key, keys()));
    if (const Complaint complaint = apply(*option, entry.value, base, config))
      return usage_error(complaint_text(*complaint, file.path, entry));
    config.origins[entry.key] = {Origin::Source::file, file.path, entry.line, ""};
  }
  config.file = file.path;
  // Paths in [services] are relative to the file, which parse_services() does not know.
  config.services = located(std::move(config.services), file.path);
  return ok_status();
}

std::string complaint_of_mode(const Problem& problem, const std::string& file, const Mode& mode,
                              const ConfigEntry& entry) {
  ConfigEntry named = entry;
  named.key = "modes." + mode.name + "." + entry.key;
  return complaint_text(problem, file, named);
}

/// Gives `config` what the table of a mode says of trun's options.
Status apply_settings(const ConfigFile& file, const Mode& mode, Config& config) {
  const fs::path base = fs::path(file.path).parent_path();
  for (const ConfigEntry& entry : mode.settings) {
    // Only keys of options are among the settings (set_modes in option.cc), so the key is found.
    if (const Complaint complaint = apply(*find_key(entry.key), entry.value, base, config))
      return usage_error(complaint_of_mode(*complaint, file.path, mode, entry));
    config.origins[entry.key] = {Origin::Source::file, file.path, entry.line, mode.name};
  }
  return ok_status();
}

/// The mode that holds: its settings, arguments and environment.
Status apply_mode(const ConfigFile& file, const std::string& cwd, Config& config) {
  // A mistake in a mode that is not used today is one all the same.
  for (const Mode& mode : config.modes) {
    Config scratch;
    TRUN_CHECK(apply_settings(file, mode, scratch));
  }
  if (config.mode.empty()) return ok_status();
  const Mode* mode = config.current_mode();
  if (!mode) {
    std::vector<std::string_view> names;
    std::string list;
    for (const Mode& each : config.modes) {
      names.push_back(each.name);
      list += (list.empty() ? "" : ", ") + each.name;
    }
    return usage_error("there is no mode '" + config.mode + "' (there are: " + list + ")" +
                       did_you_mean(config.mode, names) + "; a table [modes." + config.mode +
                       "] in trun.toml makes one");
  }
  TRUN_CHECK(apply_settings(file, *mode, config));
  // A built-in mode holds without a file, too.
  const std::string directory = file.path.empty() ? cwd : fs::path(file.path).parent_path().string();
  TRUN_TRY(environment, environment_of(*mode, directory, environment_variable));
  config.environment = std::move(environment);
  // Behind the mode's own variables: of equal names the last counts.
  config.environment.emplace_back("TRUN_MODE", mode->name);
  const std::vector<std::string> args = pytest_args_of(*mode);
  // Before the command line's: pytest lets the last -m count.
  config.pytest_args.insert(config.pytest_args.begin(), args.begin(), args.end());
  return ok_status();
}

Status apply_use(const OptionUse& use, const std::string& cwd, Config& config) {
  if (const Complaint complaint = apply(*use.option, {ArgumentText{use.value}, 0, 0}, cwd, config))
    return usage_error("option " + use.flag + ": " + complaint->text);
  if (!use.option->key.empty())
    config.origins[std::string(use.option->key)] = {Origin::Source::command_line, "", 0, ""};
  return ok_status();
}

/// The file named by --config, or the one found from `cwd` upwards; an empty path if there is none.
Result<ConfigFile> configuration_for(const CommandLine& command_line, const std::string& cwd) {
  // The file must be known before any other option counts: only --config is applied here, to a Config of its own.
  Config named;
  for (const OptionUse& use : command_line.uses)
    if (use.option == find_flag("--config")) TRUN_CHECK(apply_use(use, cwd, named));
  return named.file.empty() ? find_config_file(cwd) : read_config_file(named.file);
}

bool asks_for(const CommandLine& command_line, std::string_view flag) {
  for (const OptionUse& use : command_line.uses)
    if (use.option == find_flag(flag)) return true;
  return false;
}

Result<Config> read_config(const std::vector<std::string>& args, const std::string& cwd) {
  TRUN_TRY(command_line, split_command_line(args));
  Config config;
  config.argv = args;
  config.pytest_args = command_line.pytest_args;
  // Nearer places are applied later and win: file, mode, command line. The mode may be named by the file and by the
  // command line, so --mode is applied before the settings of the mode are. The last pass applies it once more, which
  // changes nothing. Help must not hang on a file that is broken.
  if (!asks_for(command_line, "--help") && !asks_for(command_line, "--version")) {
    TRUN_TRY(file, configuration_for(command_line, cwd));
    if (!file.path.empty()) TRUN_CHECK(apply_file(file, config));
    for (const OptionUse& use : command_line.uses)
      if (use.option == find_flag("--mode")) TRUN_CHECK(apply_use(use, cwd, config));
    TRUN_CHECK(apply_mode(file, cwd, config));
    TRUN_TRY(environment, divide(config.env, config.file, config.environment, config.mode, environment_variable));
    config.environment = std::move(environment.all);
    config.worker_environment = std::move(environment.of_workers);
  }
  for (const OptionUse& use : command_line.uses) TRUN_CHECK(apply_use(use, cwd, config));
  return config;
}

}  // namespace

Origin Config::origin(std::string_view key) const {
  const auto found = origins.find(key);
  return found == origins.end() ? Origin{} : found->second;
}

std::vector<TestRule> Config::rules() const {
  std::vector<TestRule> all = categories;
  all.insert(all.end(), overrides.begin(), overrides.end());
  return all;
}

Result<Config> load_config(const std::vector<std::string>& args, const std::string& cwd) {
  auto config = read_config(args, cwd);
  const std::string clash = clash_with_conftests(args, cwd);
  if (!config.ok() && !clash.empty()) return usage_error(config.error().message + "; " + clash);
  if (config.ok()) config->clash = clash;
  return config;
}

Status take_addopts(const std::vector<std::pair<std::string, std::string>>& given, Config& config) {
  static const std::string kWhere = " (in pytest's addopts or PYTEST_ADDOPTS)";
  for (const auto& [flag, text] : given) {
    if (const Status refused = check_refused(flag); !refused.ok()) return usage_error(refused.error().message + kWhere);
    const Option* option = find_flag(flag);
    if (!option) return usage_error("xdist's option " + flag + " is not supported" + kWhere);
    // Addopts come from the fork server after the rest, and rank below it: only defaults and other addopts give way.
    if (config.origin(option->key).source > Origin::Source::addopts) continue;
    if (const Complaint complaint = apply(*option, {ArgumentText{text}, 0, 0}, {}, config))
      return usage_error("option " + flag + kWhere + ": " + complaint->text);
    config.origins[std::string(option->key)] = {Origin::Source::addopts, "", 0, ""};
  }
  return ok_status();
}

Numprocesses effective_numprocesses(const Config& config) {
  // `--dist no` and `-n 4` in one place: as in xdist, -n counts.
  const bool none = config.dist == DistMode::no && config.origin("dist").source > config.origin("numprocesses").source;
  return none ? Numprocesses{Numprocesses::Kind::count, 0} : config.numprocesses;
}

SchedulerOptions::Affinity affinity(DistMode dist) {
  using Affinity = SchedulerOptions::Affinity;
  switch (dist) {
    case DistMode::loadfile:
      return Affinity::file;
    case DistMode::loadscope:
      return Affinity::scope;
    case DistMode::loadgroup:
      return Affinity::group;
    case DistMode::load:
    case DistMode::worksteal:
    case DistMode::no:
      break;
  }
  return Affinity::item;
}

}  // namespace trun
