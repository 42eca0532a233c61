// argv, a word a line: what is trun's and what is pytest's.
#include "runner/config/cli.h"
#include "runner/config/option.h"
#include "tests/fuzz/fuzz.h"

namespace trun {
namespace {

constexpr std::string_view kSeparator = "-pmain";

void check_use(const OptionUse& use) {
  const Option& option = *use.option;
  require(find_flag(use.flag) == &option, "an option is used by one of its spellings");
  require(use.value.empty() || option.kind != Option::Kind::flag, "a flag has no value");
}

/// Nothing is invented and nothing changes its place: but for separators, pytest's words can be crossed out in argv.
bool stand_in(const std::vector<std::string>& args, const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& arg : args) all += arg;
  std::size_t at = 0;
  for (const std::string& word : words) {
    if (word == kSeparator) continue;
    for (const char c : word) {
      at = all.find(c, at);
      if (at++ == std::string::npos) return false;
    }
  }
  return true;
}

bool asks_for_help(const CommandLine& line) {
  return std::any_of(line.uses.begin(), line.uses.end(),
                     [](const OptionUse& use) { return use.option == find_flag("--help"); });
}

}  // namespace

void fuzz(std::string_view input) {
  const std::vector<std::string> args = FuzzInput(input).lines();
  const auto line = split_command_line(args);
  if (!line.ok()) return require_message(line.error(), Error::Kind::usage);
  for (const OptionUse& use : line->uses) check_use(use);
  require(stand_in(args, line->pytest_args), "pytest's arguments are those that were given");
  if (asks_for_help(*line)) return;  // nothing is run
  // Options behind "--" are pytest's, whatever they are called, and the "--" itself is not.
  const auto ends = [](const std::vector<std::string>& words) { return std::count(words.begin(), words.end(), "--"); };
  if (ends(line->pytest_args) < ends(args)) return;
  const auto again = split_command_line(line->pytest_args);
  require(again.ok() && again->uses.empty(), "nothing of trun's is left among pytest's arguments");
  require(again->pytest_args == line->pytest_args, "pytest's arguments stay as they are");
}

}  // namespace trun
