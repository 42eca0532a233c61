// Splits argv into trun's own options and pytest's arguments. It knows the spellings of argparse, and which of pytest's
// options take a separate value, so that such a value is never taken for an option of trun. It gives options no
// meaning.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runner/base/result.h"

namespace trun {

struct Option;

/// One of trun's options as it was written. `value` is empty for flags.
struct OptionUse {
  const Option* option = nullptr;
  std::string flag;  ///< the spelling used
  std::string value;
};

struct CommandLine {
  std::vector<OptionUse> uses;  ///< in order: the last of an option counts
  std::vector<std::string> pytest_args;
};

/// Fails, by name and with what to do instead, on an option of xdist that trun does not have.
Status check_refused(std::string_view flag);

/// `args` is argv without the program's name. Fails on a missing value, a value where none is taken, and on options of
/// xdist that trun does not have. Everything behind `--` is pytest's, and `--` itself unless an option follows.
Result<CommandLine> split_command_line(const std::vector<std::string>& args);

}  // namespace trun
