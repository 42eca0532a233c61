// The table of trun's own options: key in the file, spellings on the command line, help, and the member of Config that
// each one sets. The command line, the file, --help and --show-config are all driven by it; a new option is a member in
// config.h and a row in option.cc. pytest's options are not here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/config/config.h"
#include "runner/config/config_value.h"

namespace trun {

struct Option {
  enum class Kind {
    flag,     ///< command line only, takes no value
    value,    ///< taken as it is
    output,   ///< a file to be written: ~ and $VAR expanded as pytest does, made absolute
    program,  ///< a path is made absolute, a bare name stays
    input,    ///< a file to be read; made absolute
  };
  std::string_view key;                 ///< snake_case; empty: command line only
  std::vector<std::string_view> flags;  ///< "-n", "--numprocesses"
  Kind kind;
  std::string_view metavar;
  std::string_view help;
  Complaint (*set)(Config&, const ConfigValue&);
  /// As TOML; empty: not set. nullptr: a table of the file only, shown as it was written there.
  std::string (*show)(const Config&);
};

const std::vector<Option>& options();

/// The option with this spelling ("-n") or key; nullptr if it is none of trun's.
const Option* find_flag(std::string_view flag);
const Option* find_key(std::string_view key);

/// The value of the option as TOML; empty: not set.
std::string shown(const Option& option, const Config& config);

/// "-n/--numprocesses", for messages.
std::string spellings(const Option& option, std::string_view separator = "/");

}  // namespace trun
