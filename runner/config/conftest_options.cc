#include "runner/config/conftest_options.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <string_view>
#include <system_error>

#include "runner/config/config_file.h"
#include "runner/config/option.h"

namespace trun {
namespace {

namespace fs = std::filesystem;

/// Each as the words of the command line have it, in order, without a value.
std::vector<std::string> own_flags(const std::vector<std::string>& args) {
  std::vector<std::string> found;
  for (auto word = args.begin(); word != args.end() && *word != "--"; ++word) {
    std::string flag = word->substr(0, word->find('='));
    if (flag.starts_with("--") && find_flag(flag) != nullptr) found.push_back(std::move(flag));
  }
  return found;
}

std::set<fs::path> conftests(const std::vector<std::string>& args, const fs::path& cwd) {
  std::error_code ignored;
  std::set<fs::path> folders = {cwd};
  for (const std::string& word : args) {
    for (fs::path at = (cwd / word.substr(0, word.find("::"))).lexically_normal();
         fs::exists(at, ignored) && at != cwd && at.has_relative_path(); at = at.parent_path())
      folders.insert(at);
  }
  for (fs::directory_iterator at(cwd, ignored), end; at != end; at.increment(ignored)) {
    if (at->is_directory(ignored)) folders.insert(at->path());
  }
  std::set<fs::path> found;
  for (const fs::path& folder : folders) {
    if (fs::is_regular_file(folder / "conftest.py", ignored)) found.insert(folder / "conftest.py");
  }
  return found;
}

/// Whether it adds the option: `parser.addoption("--slow", ...)`, before any other bracket.
bool adds(const std::string& text, const std::string& flag) {
  constexpr std::string_view kCall = "addoption(";
  for (auto at = text.find(kCall); at != std::string::npos; at = text.find(kCall, at + 1)) {
    const auto begin = at + kCall.size();
    const std::string arguments = text.substr(begin, text.find_first_of("()", begin) - begin);
    if (arguments.find('"' + flag + '"') != std::string::npos ||
        arguments.find('\'' + flag + '\'') != std::string::npos)
      return true;
  }
  return false;
}

}  // namespace

std::string clash_with_conftests(const std::vector<std::string>& args, const std::string& cwd) {
  const std::vector<std::string> flags = own_flags(args);
  if (flags.empty()) return {};
  for (const fs::path& path : conftests(args, cwd)) {
    const auto text = read_text(path);
    if (!text.ok()) continue;
    const auto flag =
        std::find_if(flags.begin(), flags.end(), [&](const std::string& each) { return adds(*text, each); });
    if (flag != flags.end())
      return path.lexically_proximate(cwd).string() + " adds an option " + *flag +
             " of its own, which pytest gets behind --: trun -- " + *flag;
  }
  return {};
}

}  // namespace trun
