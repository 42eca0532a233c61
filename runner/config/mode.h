// Mode: a named way to run the suite (`--mode full`): environment files, variables, services, which tests, and settings
// of trun's own. [modes.NAME] in trun.toml; lightweight, integration and full are there without it. A value: what holds
// in a mode is read here and applied by config.cc.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/base/result.h"
#include "runner/config/config_value.h"
#include "runner/model/variables.h"

namespace trun {

struct EnvFile {
  std::string path;  ///< relative to the configuration file
  bool required = true;
};

struct Mode {
  std::string name;
  /// Later ones win over earlier ones, and the process's own environment over all.
  std::vector<EnvFile> env_files;
  /// Win over the files; `${NAME}` is expanded as there.
  Variables env;
  /// Started before the first test; none: those that the tests ask for.
  std::optional<std::vector<std::string>> services;
  /// A `-m` expression and paths for pytest, for which the command line has its own words.
  std::string markers;
  std::vector<std::string> paths;
  /// Keys of trun's own options, as they were written.
  ConfigTable settings;
};

/// [modes.NAME] tables, in the order of the file, before the built-in ones that it does not have. `is_setting`: whether
/// a key is that of an option.
Complaint parse_modes(const ConfigValue& value, bool (*is_setting)(std::string_view), std::vector<Mode>& out);

/// Those that need no table.
std::vector<Mode> builtin_modes();

/// The mode of that name; nullptr if there is none.
const Mode* find_mode(const std::vector<Mode>& modes, std::string_view name);

/// What a mode adds to the environment: its files and variables, less those that `outside` has. `directory`: of the
/// configuration file. Error (usage): a file that cannot be read, or a line in it.
Result<Variables> environment_of(const Mode& mode, const std::string& directory, const Lookup& outside);

/// Arguments that a mode puts before those of the command line.
std::vector<std::string> pytest_args_of(const Mode& mode);

}  // namespace trun
