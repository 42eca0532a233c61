// The first line names a configuration file, words of a command line follow, then an empty line and the file's text.
// What is read from them, or what is wrong with them.
#include <filesystem>

#include "runner/config/config.h"
#include "runner/config/config_file.h"
#include "runner/config/option.h"
#include "runner/config/show_config.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/temporary_tree.h"

namespace trun {
namespace {

/// Words that would have other files read, which are not the input's.
bool leads_elsewhere(const std::vector<std::string>& words) {
  return std::any_of(words.begin(), words.end(), [](const std::string& word) { return word.starts_with("--config"); });
}

std::vector<std::string> take_words(FuzzInput& parts) {
  std::vector<std::string> words;
  for (std::string word = parts.line(); !word.empty(); word = parts.line()) words.push_back(word);
  return words;
}

void check_origins(const Config& config, std::string_view text) {
  for (const auto& [key, origin] : config.origins) {
    require(find_key(key) != nullptr, "only options have origins");
    if (origin.source != Origin::Source::file) continue;
    require(origin.file == config.file && !config.file.empty(), "there is one file");
    require(origin.line >= 1 && origin.line <= 1 + std::count(text.begin(), text.end(), '\n'),
            "a place is in the text");
  }
}

void check_paths(const Config& config) {
  for (const std::string& path : {config.junitxml, config.metrics, config.events}) {
    require(path.empty() || path[0] == '/', "a report has an absolute path");
    require(path.find('\0') == std::string::npos, "a path is what the kernel takes for one");
  }
}

bool is_ascii(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

void check_shown(const Config& config, const TemporaryTree& tree) {
  const std::string text = show_config(config);
  require(parse_toml(text, "shown.toml").ok(), "what is shown is TOML");
  tree.write("shown.toml", text);
  const auto again = load_config({"--config=" + tree.path("shown.toml")}, tree.root());
  if (!again.ok()) return require_message(again.error(), Error::Kind::usage, "the shown configuration is read");
  for (const Option& option : options()) {
    const std::string value = shown(option, config);
    // Bytes that are not UTF-8 cannot be shown, and ~ and $ are expanded again.
    if (is_ascii(value) && value.find_first_of("~$") == std::string::npos)
      require(shown(option, *again) == value, "what is shown is what holds: " + value);
  }
}

}  // namespace

void fuzz(std::string_view input) {
  FuzzInput parts(input);
  const std::string name = parts.line() == "pyproject.toml" ? "pyproject.toml" : "trun.toml";
  const std::vector<std::string> words = take_words(parts);
  if (leads_elsewhere(words)) return;
  const TemporaryTree tree;
  std::filesystem::create_directory(tree.path(".git"));
  tree.write(name, std::string(parts.rest()));
  const auto config = load_config(words, tree.root());
  if (config.ok()) {
    check_origins(*config, parts.rest());
    check_paths(*config);
    check_shown(*config, tree);
  } else {
    require_message(config.error(), Error::Kind::usage, words.empty() ? tree.path(name) + ":" : "");
  }
}

}  // namespace trun
