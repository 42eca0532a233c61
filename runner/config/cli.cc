#include "runner/config/cli.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "runner/config/option.h"

namespace trun {
namespace {

/// pytest's own options that take a separate value (pytest 8 and 9; tests/structure compares this with pytest). Options
/// with an optional value (--debug, --cache-show) are not here: argparse never gives them a word that starts with a
/// dash.
// clang-format off
constexpr std::string_view kPytestValueOptions[] = {
    "-c", "-k", "-m", "-o", "-p", "-r", "-W", "--assert", "--basetemp", "--capture", "--code-highlight", "--color",
    "--confcutdir", "--config-file", "--deselect", "--doctest-glob", "--doctest-report", "--durations",
    "--durations-min", "--ignore", "--ignore-glob", "--import-mode", "--junit-prefix", "--junitprefix",
    "--last-failed-no-failures", "--lfnf", "--log-auto-indent", "--log-cli-date-format", "--log-cli-format",
    "--log-cli-level", "--log-date-format", "--log-disable", "--log-file", "--log-file-date-format",
    "--log-file-format", "--log-file-level", "--log-file-mode", "--log-format", "--log-level", "--max-warnings",
    "--maxfail", "--override-ini", "--pastebin", "--pdbcls", "--pythonwarnings", "--report-chars", "--rootdir",
    "--show-capture", "--tb", "--verbosity"};
// clang-format on

/// pytest's short options without a value: they may stand before others in one word (-xvn4).
constexpr std::string_view kPytestShortFlags = "xsvqlV";

/// Means nothing to pytest (a plugin that is always there), but ends what an option before it may take as its value.
constexpr const char* kSeparator = "-pmain";

/// Options of xdist that trun does not have, and what to do instead.
constexpr std::pair<std::string_view, std::string_view> kRefused[] = {
    {"--tx", "trun starts local workers only; give their number with -n"},
    {"--px", "trun starts local workers only; leave it out"},
    {"--rsyncdir", "trun starts local workers only, which read the files in place; leave it out"},
    {"--rsyncignore", "trun starts local workers only, which read the files in place; leave it out"},
    {"-f", "trun does not watch files; use --lf to run what failed last"},
    {"--looponfail", "trun does not watch files; use --lf to run what failed last"},
    {"-d", "say --dist load"},
};

bool takes_value(const Option& option) { return option.kind != Option::Kind::flag; }

bool is_pytest_value_option(std::string_view flag) {
  return std::find(std::begin(kPytestValueOptions), std::end(kPytestValueOptions), flag) !=
         std::end(kPytestValueOptions);
}

/// argparse's rule for what may follow an option as its value: no dash in front, unless it is "-", a number or has a
/// space.
bool may_be_value(std::string_view word) {
  if (word.empty() || word[0] != '-' || word == "-") return true;
  return word.find(' ') != std::string_view::npos || word.find_first_not_of("0123456789.", 1) == std::string_view::npos;
}

// One pass over argv; each word goes to trun or to pytest. Of
//
//    -xvn4 -k -n --cov --dist load tests
//
// trun takes `-n 4` and `--dist load`, and pytest gets `-xv -k -n --cov -pmain tests`: -x and -v stood before trun's
// option in one word, the second -n is the value of -k, and without the separator `tests` would have become the value
// of --cov.
class Splitter {
 public:
  explicit Splitter(const std::vector<std::string>& args) : args_(args) {}

  Result<CommandLine> split() {
    while (next_ < args_.size()) {
      const std::string& word = args_[next_++];
      if (word == "--") {
        give_rest();
        break;
      }
      if (word.starts_with("--")) {
        TRUN_CHECK(take_long(word));
      } else if (word.size() > 1 && word[0] == '-') {
        TRUN_CHECK(take_short(word));
      } else {
        give_positional(word);
      }
    }
    return std::move(out_);
  }

 private:
  Status take_long(const std::string& word) {
    const auto equals = word.find('=');
    const std::string flag = word.substr(0, equals);
    std::optional<std::string> attached;
    if (equals != std::string::npos) attached = word.substr(equals + 1);
    TRUN_CHECK(check_refused(flag));
    // Whole spellings only. pytest allows no abbreviations either, and one may be an option of a plugin.
    if (const Option* option = find_flag(flag)) return take_ours(*option, flag, attached);
    give_pytest(word, !attached && is_pytest_value_option(flag));
    return ok_status();
  }

  /// One or more short options in a word: "-n4", "-n=4", "-xvn4", "-vk", "-rA". Flags before trun's option stay
  /// pytest's.
  Status take_short(const std::string& word) {
    std::string before = "-";
    for (std::size_t i = 1; i < word.size(); ++i) {
      const std::string flag = {'-', word[i]};
      const std::string rest = word.substr(i + 1);
      TRUN_CHECK(check_refused(flag));
      const Option* option = find_flag(flag);
      // The rest of the word is the value, as argparse has it: "-n4", "-n=4".
      if (option && takes_value(*option)) {
        if (before != "-") give_pytest(before, false);
        return take_ours(*option, flag, attached_value(rest));
      }
      if (option) {
        TRUN_CHECK(take_ours(*option, flag, std::nullopt));
        continue;
      }
      if (kPytestShortFlags.find(word[i]) == std::string_view::npos) {
        // A value option of pytest's, or an option that only a plugin knows: the rest of the word is its own.
        give_pytest(before + word.substr(i), rest.empty() && is_pytest_value_option(flag));
        return ok_status();
      }
      // A flag of pytest's: it may be followed by others in this word, or by an option of trun's.
      before += word[i];
    }
    if (before != "-") give_pytest(before, false);
    return ok_status();
  }

  static std::optional<std::string> attached_value(const std::string& rest) {
    if (rest.empty()) return {};
    return rest[0] == '=' ? rest.substr(1) : rest;
  }

  Status take_ours(const Option& option, const std::string& flag, std::optional<std::string> value) {
    if (!takes_value(option) && value)
      return usage_error("option " + flag + " takes no value (given: '" + *value + "')");
    if (takes_value(option) && !value) {
      // argparse does not give an option to an option as its value either.
      if (next_ == args_.size() || !may_be_value(args_[next_])) return missing_value(option, flag);
      value = args_[next_++];
    }
    out_.uses.push_back({&option, flag, value.value_or("")});
    gap_ = true;
    return ok_status();
  }

  static Error missing_value(const Option& option, const std::string& flag) {
    return usage_error("option " + flag + " needs a value, " + std::string(option.metavar) + " (" +
                       std::string(option.help) + ")");
  }

  void give_pytest(const std::string& word, bool with_value) {
    out_.pytest_args.push_back(word);
    gap_ = false;
    // A word with "=" has its value, and pytest's flags take none. Of all other options, plugins' among them, trun does
    // not know whether they take a value.
    may_take_next_ = !with_value && word.find('=') == std::string::npos &&
                     (word[1] == '-' || word.find_first_not_of(kPytestShortFlags, 1) != std::string::npos);
    if (with_value && next_ < args_.size()) out_.pytest_args.push_back(args_[next_++]);
  }

  /// What stands behind "--". Files whose names begin with a dash need the "--" in pytest as well; an option, of which
  /// trun has one of the same name, would be a file there.
  void give_rest() {
    std::error_code ignored;
    const bool options =
        next_ < args_.size() && args_[next_].starts_with("-") && !std::filesystem::exists(args_[next_], ignored);
    const auto from = args_.begin() + static_cast<std::ptrdiff_t>(next_) - (options ? 0 : 1);
    out_.pytest_args.insert(out_.pytest_args.end(), from, args_.end());
  }

  /// In "--cov -n4 tests", taking -n4 away would make `tests` the optional value of --cov.
  void give_positional(const std::string& word) {
    if (gap_ && may_take_next_) out_.pytest_args.push_back(kSeparator);
    out_.pytest_args.push_back(word);
    gap_ = may_take_next_ = false;
  }

  const std::vector<std::string>& args_;
  std::size_t next_ = 0;
  bool may_take_next_ = false;  ///< pytest's last word is an option that may take the next word as its value
  bool gap_ = false;            ///< an option of ours stood behind pytest's last word
  CommandLine out_;
};

}  // namespace

Status check_refused(std::string_view flag) {
  for (const auto& [refused, instead] : kRefused)
    if (refused == flag)
      return usage_error("xdist's option " + std::string(flag) + " is not supported: " + std::string(instead));
  return ok_status();
}

Result<CommandLine> split_command_line(const std::vector<std::string>& args) { return Splitter(args).split(); }

}  // namespace trun
