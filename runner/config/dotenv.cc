#include "runner/config/dotenv.h"

#include <algorithm>
#include <cctype>

namespace trun {
namespace {

bool is_name(std::string_view text) {
  if (text.empty() || std::isdigit(static_cast<unsigned char>(text[0]))) return false;
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '.' || c == '-'; });
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool ends_line(char c) { return c == '\n' || c == '\r'; }

class Parser {
 public:
  Parser(std::string_view text, const std::string& name, const Lookup& outside)
      : text_(text), name_(name), outside_(outside) {
    // A byte order mark would become a part of the first name.
    if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);
  }

  Result<Variables> parse() {
    while (true) {
      while (at_ < text_.size() && (is_blank(text_[at_]) || ends_line(text_[at_]))) ++at_;
      if (at_ == text_.size()) return std::move(found_);
      TRUN_CHECK(line());
    }
  }

 private:
  Status line() {
    // For messages: a quoted value may span lines, and the mistake is in the line where it began.
    began_ = at_;
    if (text_[at_] == '#') {
      skip_line();
      return ok_status();
    }
    // `export=1` sets a variable of that name.
    if (text_.substr(at_).starts_with("export") && at_ + 6 < text_.size() && is_blank(text_[at_ + 6])) {
      at_ += 6;
      skip_blanks();
    }
    const std::size_t start = at_;
    while (at_ < text_.size() && text_[at_] != '=' && text_[at_] != '#' && !ends_line(text_[at_]) &&
           !is_blank(text_[at_]))
      ++at_;
    const std::string key(text_.substr(start, at_ - start));
    skip_blanks();
    const bool has_value = at_ < text_.size() && text_[at_] == '=';
    if (!is_name(key) || !(has_value || at_end_of_line())) return wrong("must be NAME=VALUE, a comment (#) or empty");
    // A bare NAME sets nothing; python-dotenv has it without a value.
    if (!has_value) return ok_status();
    ++at_;
    // `NAME= # text` is empty with a comment, `NAME=#text` has a value.
    const bool blanks = skip_blanks();
    TRUN_TRY(parsed, value(blanks));
    if (!at_end_of_line()) return wrong("has more behind the closing quote of " + key);
    skip_line();
    // The environment cannot hold such a value: a zero byte ends it.
    if (parsed.find('\0') != std::string::npos) return wrong("has a zero byte in the value of " + key);
    found_.emplace_back(key, std::move(parsed));
    return ok_status();
  }

  Result<std::string> value(bool after_blanks) {
    if (at_ == text_.size() || (after_blanks && text_[at_] == '#')) return std::string();
    // Single quotes: no variable is expanded in them.
    if (text_[at_] == '\'') return quoted('\'');
    if (text_[at_] == '"') {
      TRUN_TRY(raw, quoted('"'));
      return expand(raw);
    }
    const std::size_t start = at_;
    while (at_ < text_.size() && !ends_line(text_[at_])) ++at_;
    std::string_view raw = text_.substr(start, at_ - start);
    for (std::size_t i = 1; i < raw.size(); ++i) {
      // Only a "#" behind a blank begins a comment: URLs have fragments.
      if (raw[i] != '#' || !is_blank(raw[i - 1])) continue;
      raw = raw.substr(0, i);
      break;
    }
    while (!raw.empty() && is_blank(raw.back())) raw.remove_suffix(1);
    return expand(raw);
  }

  /// What stands between the quotes, its escapes decoded.
  Result<std::string> quoted(char quote) {
    std::string out;
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == quote) {
        ++at_;
        return out;
      }
      if (c != '\\' || at_ + 1 == text_.size()) {
        out += c;
        continue;
      }
      const char next = text_[++at_];
      const char decoded = escape(quote, next);
      // An unknown escape keeps its backslash, for example in Windows paths and regular expressions.
      if (!decoded) out += '\\';
      out += decoded ? decoded : next;
    }
    return wrong("has a quote that is never closed");
  }

  /// The character that `\next` stands for; 0: none, both stay.
  static char escape(char quote, char next) {
    if (next == '\\' || next == '\'') return next;
    if (quote == '\'') return 0;
    constexpr std::string_view kLetters = "\"abfnrtv", kMeant = "\"\a\b\f\n\r\t\v";
    const auto found = kLetters.find(next);
    return found == std::string_view::npos ? '\0' : kMeant[found];
  }

  std::string expand(std::string_view raw) const {
    return expand_variables(raw, [this](std::string_view name) { return look_up(name); });
  }

  std::optional<std::string> look_up(std::string_view name) const {
    const auto found =
        // The last value of a name counts, as in the environment that comes out.
        std::find_if(found_.rbegin(), found_.rend(), [&](const auto& each) { return each.first == name; });
    if (found != found_.rend()) return found->second;
    return outside_(name);
  }

  bool skip_blanks() {
    const std::size_t start = at_;
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    return at_ > start;
  }

  void skip_line() {
    while (at_ < text_.size() && !ends_line(text_[at_])) ++at_;
  }

  /// Blanks and a comment may follow.
  bool at_end_of_line() const {
    std::size_t at = at_;
    while (at < text_.size() && is_blank(text_[at])) ++at;
    return at == text_.size() || ends_line(text_[at]) || text_[at] == '#';
  }

  Error wrong(const std::string& what) const {
    const auto line = 1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(began_), '\n');
    return usage_error(name_ + ":" + std::to_string(line) + ": the line " + what);
  }

  std::string_view text_;
  const std::string& name_;
  const Lookup& outside_;
  std::size_t at_ = 0, began_ = 0;
  Variables found_;
};

}  // namespace

Result<Variables> parse_dotenv(std::string_view text, const std::string& name, const Lookup& outside) {
  return Parser(text, name, outside).parse();
}

std::string expand_variables(std::string_view text, const Lookup& lookup) {
  std::string out;
  while (true) {
    const std::size_t start = text.find("${");
    // The first brace ends it: a default cannot hold a variable of its own.
    const std::size_t end = start == std::string_view::npos ? start : text.find('}', start);
    if (end == std::string_view::npos) return out += text;
    out += text.substr(0, start);
    std::string_view name = text.substr(start + 2, end - start - 2), otherwise;
    if (const auto dash = name.find(":-"); dash != std::string_view::npos) {
      otherwise = name.substr(dash + 2);
      name = name.substr(0, dash);
    }
    out += lookup(name).value_or(std::string(otherwise));
    text.remove_prefix(end + 1);
  }
}

}  // namespace trun
