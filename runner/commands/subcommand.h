// Subcommand: what `trun WORD ...` does instead of a run. The table of all of them; each lives in a file of its own.
// A word is a subcommand only as the very first argument: `trun ./services` runs the tests of a folder of that name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trun {

struct Subcommand {
  std::string_view name;
  std::string_view metavar;  ///< of what follows it
  std::string_view help;
  /// `args`: what followed the name. Writes to stdout and stderr; returns the exit code, 4 for wrong usage.
  int (*run)(const std::vector<std::string>& args);
};

const std::vector<Subcommand>& subcommands();

/// The one that `args` (argv without the program's name) begin with; nullptr: this is a run.
const Subcommand* find_subcommand(const std::vector<std::string>& args);

}  // namespace trun
