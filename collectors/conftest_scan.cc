#include "collectors/conftest_scan.h"

#include <algorithm>
#include <cstddef>
#include <set>

#include "collectors/python_lexer.h"
#include "collectors/source_scan.h"

namespace trun {
namespace {

// Bytes beyond ASCII belong to words: Python identifiers may have them.
bool in_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || (c & 0x80) != 0;
}
// A backslash before a line end continues the line (`from x import \`), so it stands between words as a blank does.
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\\'; }
bool is_quote(char c) { return c == '"' || c == '\''; }
bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Whether a name that begins with what the literal says up to its first field cannot be a hook's.
bool begins_no_hook(std::string_view content) {
  // The text does not tell what a field of an f-string, a `%s` or an escape becomes. The part before it must neither
  // begin with "pytest_" nor be a beginning of that: `"pyt" + "est_configure"` names a hook.
  const std::string_view begin = content.substr(0, content.find_first_of("{%\\"));
  return !begin.empty() && !begin.starts_with("pytest_") && !std::string_view("pytest_").starts_with(begin);
}

// Counts calls of setattr with a name that begins in plain sight and is no hook's, as the recipe of pytest's docs has
// them. Any other setattr() may define a hook, setattr(module, name, function), and the scanner below says "globals"
// for it. Token by token:
//
//    token   setattr  (       request       .       cls           ,          "rep_"           +
//    state   name     target  after_target  target  after_target  attribute  after_attribute  nowhere, counted
//
// In each state any token but those expected returns to `nowhere`, and the call is not counted: `"a" if b else c` may
// be any name, and `f().x` any object. A method called setattr (monkeypatch.setattr) is not the builtin; neither count
// has it.
class PlainSetattrs {
 public:
  unsigned count() const { return count_; }

  void take(const Token& token) {
    switch (at_) {
      case At::nowhere:
        // `monkeypatch.setattr` is a method.
        if (token.is("setattr") && !after_dot_) at_ = At::name;
        break;
      case At::name:
        at_ = token.is("(") ? At::target : At::nowhere;
        break;
      case At::target:
        at_ = token.kind == Token::Kind::name ? At::after_target : At::nowhere;
        break;
      case At::after_target:
        // `request.cls`: a dot begins the next part of the target.
        at_ = token.is(".") ? At::target : token.is(",") ? At::attribute : At::nowhere;
        break;
      case At::attribute:
        at_ = token.kind == Token::Kind::string && begins_no_hook(token.content) ? At::after_attribute : At::nowhere;
        break;
      case At::after_attribute:
        if (token.is(",") || token.is("+") || token.is("%")) ++count_;
        at_ = At::nowhere;
    }
    after_dot_ = token.is(".");
  }

 private:
  enum class At { nowhere, name, target, after_target, attribute, after_attribute } at_ = At::nowhere;
  bool after_dot_ = false;
  unsigned count_ = 0;
};

class ConftestScanner {
 public:
  explicit ConftestScanner(std::string_view text) : text_(text) {}

  std::vector<std::string> scan() {
    // The tokens first: they tell where comments are. A comment mentions names that the code does not use.
    const std::string code = read_tokens();
    read_words(code);
    // A module that replaces itself in sys.modules, or is reached through it.
    if (words_.count("modules") != 0 && (words_.count("__name__") != 0 || words_.count("conftest") != 0))
      mention("globals");
    // getattr(session, "items") reads the items. Without getattr the string may be any key.
    if (words_.count("'items'") != 0 && words_.count("getattr") != 0) mention("session.items");
    // A hookimpl with `specname` implements the hook of that name under a function of any name. The words of the text
    // are counted against the literals that are understood: if one is left over, its name is computed and may be any
    // hook.
    if (specnames_ > literal_specnames_) mention("exec");
    if (setattrs_ > plain_setattrs_.count()) mention("globals");
    if (scan_source(text_).wide_params) mention("wide_params");
    return {mentions_.begin(), mentions_.end()};
  }

 private:
  void mention(std::string_view word) { mentions_.emplace(word); }

  // The text with its comments blanked, if it was understood.
  std::string read_tokens() {
    PythonLexer lexer(text_);
    Token last[4];  // a window: specname = "literal" )
    for (Token token = lexer.next(); token.kind != Token::Kind::end; token = lexer.next()) {
      std::move(last + 1, last + 4, last);
      last[3] = token;
      take_window(last);
      plain_setattrs_.take(token);
    }
    std::string code(text_);
    // The lexer does not know then where strings end, and so cannot tell comments from text. All of the text counts,
    // and "exec" says that any hook may be in it.
    if (!lexer.certain()) {
      mention("exec");
      return code;
    }
    for (const auto& [begin, end] : lexer.comments()) std::fill(code.begin() + begin, code.begin() + end, ' ');
    return code;
  }

  void take_window(const Token (&last)[4]) {
    // Python normalises identifiers (NFKC): a full-width letter may spell a hook.
    if (last[3].kind == Token::Kind::name &&
        std::any_of(last[3].text.begin(), last[3].text.end(), [](char c) { return c & 0x80; }))
      mention("exec");
    // `hookimpl(**options)` may pass a specname.
    if (last[1].is("hookimpl") && last[2].is("(") && last[3].is("**")) mention("exec");
    // A literal without prefix and escapes, and alone: `"pyt" "est_x"` is joined by Python, an f-string is computed.
    if (last[0].is("specname") && last[1].is("=") && last[2].kind == Token::Kind::string && is_quote(last[2].text[0]) &&
        last[2].content.find('\\') == std::string_view::npos && (last[3].is(")") || last[3].is(",")))
      ++literal_specnames_;
  }

  // Reads the text and not the tokens, so that words in strings count: `globals()["pytest_" + name]` defines a hook,
  // too. `before` and `after` are the nearest characters that are no blanks.
  void read_words(std::string_view code) {
    char before = '\0';
    for (std::size_t at = 0; at < code.size();) {
      if (!in_word(code[at])) {
        if (!is_blank(code[at])) before = code[at];
        ++at;
        continue;
      }
      std::size_t end = at;
      while (end < code.size() && in_word(code[end])) ++end;
      std::size_t next = end;
      while (next < code.size() && is_blank(code[next])) ++next;
      take_word(code.substr(at, end - at), before, next < code.size() ? code[next] : '\0');
      before = code[end - 1];
      at = next;
    }
  }

  void take_word(std::string_view word, char before, char after) {
    const bool attribute = before == '.';
    if (word.starts_with("pytest_")) mention(word);
    if (word.starts_with("PYTEST_XDIST")) mention("PYTEST_XDIST");
    if (is_one_of(word, {"worker_id", "get_xdist_worker_id"})) mention("worker_id");
    if (is_one_of(word, {"testscollected", "collect_ignore", "collect_ignore_glob", "workerinput"})) mention(word);
    // `data.items()` is a dictionary's method; `session.items` is not called.
    if (word == "items" && attribute && after != '(') mention("session.items");
    if (word == "items" && is_quote(before) && is_quote(after)) words_.emplace("'items'");
    if (word == "import" && after == '*') mention("import *");
    if (is_one_of(word, {"builtins", "__builtins__"}) || (!attribute && is_one_of(word, {"exec", "eval"})))
      mention("exec");
    if (is_one_of(word, {"globals", "__dict__", "__setattr__", "__dir__", "__globals__", "f_globals", "_getframe",
                         "currentframe"}) ||
        (!attribute && is_one_of(word, {"vars", "locals"})))
      mention("globals");
    if (word == "setattr" && !attribute) ++setattrs_;
    if (word == "specname") ++specnames_;
    if (is_one_of(word, {"modules", "__name__", "conftest", "getattr", "attrgetter"}))
      words_.emplace(word == "attrgetter" ? "getattr" : word);
  }

  const std::string_view text_;
  std::set<std::string, std::less<>> mentions_;
  std::set<std::string, std::less<>> words_;  // those that matter only together
  unsigned specnames_ = 0;
  unsigned literal_specnames_ = 0;
  unsigned setattrs_ = 0;
  PlainSetattrs plain_setattrs_;
};

}  // namespace

std::vector<std::string> scan_conftest(std::string_view text) { return ConftestScanner(text).scan(); }

}  // namespace trun
