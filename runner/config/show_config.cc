#include "runner/config/show_config.h"

#include <algorithm>

#include "reporters/utf8.h"
#include "runner/config/config.h"
#include "runner/config/option.h"
#include "runner/config/toml_text.h"

namespace trun {
namespace {

std::string origin_text(const Origin& origin) {
  switch (origin.source) {
    case Origin::Source::builtin:
      break;
    case Origin::Source::addopts:
      return "pytest's addopts";
    case Origin::Source::file:
      return origin.file + ":" + std::to_string(origin.line) + (origin.mode.empty() ? "" : ", mode " + origin.mode);
    case Origin::Source::command_line:
      return "command line";
  }
  return "default";
}

/// A comment ends at the first control character, and TOML allows none in it; nor bytes that are not UTF-8.
std::string comment(const std::string& text) {
  std::string out = valid_utf8(text);
  std::replace_if(
      out.begin(), out.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return "# " + out;
}

std::string setting(const Option& option, const Config& config) {
  const std::string key(option.key);
  const std::string value = shown(option, config);
  // TOML has no null: what is not set is a comment.
  std::string left = value.empty() ? "# " + key + " is not set" : key + " = " + value;
  left.resize(std::max<std::size_t>(left.size(), 32), ' ');
  return left + " " + comment(origin_text(config.origin(option.key))) + "\n";
}

}  // namespace

std::string show_config(const Config& config) {
  std::string out = comment("trun's settings; the command line wins over the file, the file over the default") + "\n";
  out += comment(config.file.empty() ? "configuration file: none" : "configuration file: " + config.file) + "\n";
  std::string arguments;
  for (const std::string& argument : config.pytest_args) arguments += " " + toml_quoted(argument);
  out += comment("handed to pytest:" + (arguments.empty() ? " nothing" : arguments)) + "\n\n";
  for (const Option& option : options())
    // Only the first row of a key: --no-loadscope-reorder has the key of --loadscope-reorder.
    if (!option.key.empty() && find_key(option.key) == &option) out += setting(option, config);
  return out;
}

}  // namespace trun
