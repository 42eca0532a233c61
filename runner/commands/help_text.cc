#include "runner/commands/help_text.h"

#include "runner/commands/subcommand.h"
#include "runner/config/option.h"

namespace trun {
namespace {

/// Help starts in column 32, or on the next line.
std::string row(const std::string& left, std::string_view help) {
  return left + (left.size() < 31 ? "" : "\n") + std::string(left.size() < 31 ? 31 - left.size() : 31, ' ') +
         std::string(help) + "\n";
}

}  // namespace

std::string help_text() {
  std::string out =
      "usage: trun [trun options] [pytest arguments], or trun COMMAND ...\n"
      "Runs a pytest suite with the project's own interpreter and pytest.\n\ncommands:\n";
  for (const Subcommand& command : subcommands()) {
    out += row("  " + std::string(command.name) + " " + std::string(command.metavar), command.help);
  }
  out += "\noptions:\n";
  for (const Option& option : options()) {
    // A table of the file.
    if (option.flags.empty()) continue;
    std::string left = "  " + spellings(option, ", ");
    if (!option.metavar.empty()) left += " " + std::string(option.metavar);
    out += row(left, option.help);
  }
  return out +
         "All else is pytest's: paths, node ids, -k, -m, -x, -v, --lf, -p, plugins' options (see --pytest-help).\n"
         "Options with a value may also stand in trun.toml or in [tool.trun] of pyproject.toml: "
         "docs/configuration.md.\n";
}

}  // namespace trun
