#include "collectors/python_lexer.h"

#include <algorithm>
#include <array>
#include <string>

namespace trun {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
// Every byte beyond ASCII is taken for a letter: identifiers may have any of Unicode, and no byte of a longer UTF-8
// sequence is an ASCII character.
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0; }

constexpr std::array<bool, 256> kNameBytes = [] {
  std::array<bool, 256> table{};
  for (int c = 0; c < 256; ++c)
    table[c] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c >= 0x80;
  return table;
}();
bool in_name(char c) { return kNameBytes[static_cast<unsigned char>(c)]; }
bool is_quote(char c) { return c == '"' || c == '\''; }

// All pairs of these letters: those that Python refuses ("bu") stand in no valid text.
bool is_string_prefix(std::string_view word) {
  return word.size() <= 2 && std::all_of(word.begin(), word.end(), [](char c) {
           return std::string_view("rRbBfFuUtT").find(c) != std::string_view::npos;
         });
}

// f-strings, and t-strings (PEP 750).
bool has_fields(std::string_view prefix) { return prefix.find_first_of("fFtT") != std::string_view::npos; }

}  // namespace

// The literal text of a string, or (quote == 0) a replacement field in the string below it.
struct PythonLexer::StringPart {
  char quote;
  bool triple;
  bool in_spec = false;   // of a field: after the colon
  unsigned brackets = 0;  // of a field
};

PythonLexer::PythonLexer(std::string_view text) : text_(text) {
  // Python skips a byte order mark.
  if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
  start_line();
}

void PythonLexer::start_line() {
  line_started_ = false;
  indent_ = 0;
  for (; at_ < text_.size(); ++at_) {
    // Python's own rule: a tab goes to the next multiple of 8, a form feed begins the column anew.
    if (text_[at_] == ' ')
      ++indent_;
    else if (text_[at_] == '\t')
      indent_ = (indent_ / 8 + 1) * 8;
    else if (text_[at_] == '\f')
      indent_ = 0;
    else
      break;
  }
}

bool PythonLexer::at_newline() const { return at_ < text_.size() && (text_[at_] == '\n' || text_[at_] == '\r'); }

void PythonLexer::skip_newline() {
  // Lines are counted for the declared encoding only, which stands in one of the first two.
  ++lines_;
  at_ += text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n' ? 2 : 1;
}

void PythonLexer::skip_comment() {
  const std::size_t begin = at_;
  at_ = std::min(text_.find_first_of("\r\n", at_), text_.size());
  comments_.emplace_back(begin, at_);
  if (lines_ < 2) check_encoding(text_.substr(begin, at_ - begin));
}

// Only encodings in which an ASCII byte is always that ASCII character can be read here (PEP 263). In the others
// (UTF-16, Shift JIS) a quote or a bracket may be half of a character, so nothing that was read is certain. Six letters
// tell the encodings apart; "utf-8-sig" and "cp1252" go by their beginning.
void PythonLexer::check_encoding(std::string_view comment) {
  const std::size_t found = comment.find("coding");
  if (found == std::string_view::npos) return;
  std::size_t begin = found + 6;
  if (begin >= comment.size() || (comment[begin] != ':' && comment[begin] != '=')) return;
  begin = comment.find_first_not_of(" \t", begin + 1);
  if (begin == std::string_view::npos) return;
  std::string name(comment.substr(begin, 6));
  for (char& c : name) c = c == '_' ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  for (std::string_view known : {"utf-8", "utf8", "ascii", "latin", "iso-88", "cp125"})
    if (name.starts_with(known)) return;
  certain_ = false;
}

// Blanks, comments, continuations, and line ends that mean nothing. True at the end of a logical line that had tokens.
bool PythonLexer::skip_blanks() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == ' ' || c == '\t' || c == '\f') {
      ++at_;
    } else if (c == '#') {
      skip_comment();
    } else if (c == '\\' && at_ + 1 < text_.size() && (text_[at_ + 1] == '\n' || text_[at_ + 1] == '\r')) {
      ++at_;
      skip_newline();
    } else if (at_newline()) {
      // Inside of brackets a line end is a blank; so is that of a line that has nothing but blanks and a comment.
      if (depth_ == 0 && line_started_) return true;
      skip_newline();
      if (depth_ == 0) start_line();
    } else {
      return false;
    }
  }
  return false;
}

Token PythonLexer::next() {
  if (skip_blanks()) {
    skip_newline();
    start_line();
    return {Token::Kind::newline, {}, {}};
  }
  if (at_ >= text_.size()) return finish();
  line_started_ = true;
  const char c = text_[at_];
  if (is_quote(c)) return take_string(0);
  if (is_letter(c)) return take_name();
  if (is_digit(c)) return take_number();
  return take_operator();
}

Token PythonLexer::finish() {
  // A bracket that nothing closes. The last line gets its newline token even where the text has none.
  if (depth_ > 0) certain_ = false;
  depth_ = 0;
  if (!line_started_) return {};
  line_started_ = false;
  return {Token::Kind::newline, {}, {}};
}

Token PythonLexer::take(Token::Kind kind, std::size_t end) {
  const std::size_t begin = at_;
  at_ = end;
  return {kind, text_.substr(begin, end - begin), {}};
}

Token PythonLexer::take_name() {
  std::size_t end = at_ + 1;
  while (end < text_.size() && in_name(text_[end])) ++end;
  const std::string_view word = text_.substr(at_, end - at_);
  if (end < text_.size() && is_quote(text_[end]) && is_string_prefix(word)) return take_string(word.size());
  return take(Token::Kind::name, end);
}

// Any run of digits, letters and dots: 0x1F, 1_000, 1.5e3. Of 1e-5 it takes "1e", since no scan asks for such values.
Token PythonLexer::take_number() {
  std::size_t end = at_ + 1;
  while (end < text_.size() && (in_name(text_[end]) || text_[end] == '.')) ++end;
  return take(Token::Kind::number, end);
}

Token PythonLexer::take_operator() {
  const char c = text_[at_];
  const char following = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
  if (c == '(' || c == '[' || c == '{') ++depth_;
  if (c == ')' || c == ']' || c == '}') {
    // A bracket that nothing opened.
    if (depth_ == 0)
      certain_ = false;
    else
      --depth_;
  }
  // None of these stands outside of strings in Python; a backslash only before a line end, which skip_blanks has taken.
  if (c == '\0' || c == '$' || c == '?' || c == '`' || c == '\\') certain_ = false;
  // The operators of several characters that the scans ask for: "**", comparisons and assignments.
  const bool doubled = following == c && std::string_view("*/<>").find(c) != std::string_view::npos;
  if (doubled && at_ + 2 < text_.size() && text_[at_ + 2] == '=') return take(Token::Kind::op, at_ + 3);
  const bool pair = (following == '=' && std::string_view("=!<>:+-*/%&|^@").find(c) != std::string_view::npos) ||
                    (c == '*' && following == '*');
  return take(Token::Kind::op, at_ + (pair ? 2 : 1));
}

bool PythonLexer::at_quotes(char quote, bool triple) const {
  if (text_[at_] != quote) return false;
  return !triple || (at_ + 2 < text_.size() && text_[at_ + 1] == quote && text_[at_ + 2] == quote);
}

Token PythonLexer::take_string(std::size_t prefix) {
  const std::size_t begin = at_;
  at_ += prefix;
  const char quote = text_[at_];
  const bool triple = at_quotes(quote, true);
  const std::size_t width = triple ? 3 : 1;
  at_ += width;
  const std::size_t content = at_;
  if (has_fields(text_.substr(begin, prefix)))
    skip_format_string(quote, triple);
  else
    skip_plain_string(quote, triple);
  // An unfinished string has no closing quotes to leave out.
  const bool closed = at_ >= content + width && text_[at_ - 1] == quote;
  return {Token::Kind::string, text_.substr(begin, at_ - begin),
          text_.substr(content, at_ - content - (closed ? width : 0))};
}

// Leaves at_ behind the closing quotes, or where an unfinished string ends: at the line's end, or at the text's.
void PythonLexer::skip_plain_string(char quote, bool triple) {
  while (at_ < text_.size()) {
    // In raw strings, too, a backslash keeps the quote behind it from closing the string.
    if (text_[at_] == '\\') {
      at_ = std::min(at_ + 2, text_.size());
    } else if (at_quotes(quote, triple)) {
      at_ += triple ? 3 : 1;
      return;
    } else if (!triple && at_newline()) {
      break;
    } else {
      if (text_[at_] == '\0') certain_ = false;
      ++at_;
    }
  }
  certain_ = false;
}

// An f-string is text with fields, and a field is code that may hold strings, by the rules of PEP 701 also with the
// same quotes. `parts` is the stack of what is open: literal text (quote != 0), or a field (quote == 0) in the text
// below it. Of
//
//    f"a {b:{c}} {d["e"]}"
//
// the stack is: text; text, field at `{b`; text, field, field at `{c` (a format specification may have fields of its
// own); text again after `}}`; then text, field at `{d`, where "e" is a plain string. The string ends when the last
// text does. The stack is no recursion: a hostile file may nest as deep as it is long.
void PythonLexer::skip_format_string(char quote, bool triple) {
  std::vector<StringPart> parts = {{quote, triple}};
  while (at_ < text_.size()) {
    if (parts.back().quote == 0) {
      step_in_field(parts);
    } else if (!step_in_text(parts)) {
      break;
    }
    if (parts.empty()) return;
  }
  certain_ = false;
}

// One step in literal text. False at a line's end that the string must not cross.
bool PythonLexer::step_in_text(std::vector<StringPart>& parts) {
  const char c = text_[at_];
  const char following = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
  if (c == '\\') {
    // A brace after a backslash is still a brace; only \N{...} takes its braces along, and as a field they do no harm.
    at_ = std::min(at_ + (following == '{' || following == '}' ? 1 : 2), text_.size());
  } else if (at_quotes(parts.back().quote, parts.back().triple)) {
    at_ += parts.back().triple ? 3 : 1;
    parts.pop_back();
  } else if (!parts.back().triple && at_newline()) {
    return false;
  } else if (c == '{' && following == '{') {
    // A doubled brace is a brace. A closing one ends nothing in text, doubled or not.
    at_ += 2;
  } else {
    if (c == '{') parts.push_back({0, false});
    if (c == '\0') certain_ = false;
    ++at_;
  }
  return true;
}

void PythonLexer::step_in_field(std::vector<StringPart>& parts) {
  StringPart& field = parts.back();
  const char c = text_[at_];
  // Behind the colon stands text again, up to the closing brace: quotes and number signs mean nothing there.
  if (!field.in_spec && is_quote(c)) return open_string_in_field(parts);
  if (!field.in_spec && c == '#') return skip_comment();
  ++at_;
  // Inside of brackets a brace closes a dictionary, and a colon divides its keys from values or is a slice.
  if (c == '}' && field.brackets == 0) {
    parts.pop_back();
  } else if (field.in_spec) {
    if (c == '{') parts.push_back({0, false});
  } else if (c == '(' || c == '[' || c == '{') {
    ++field.brackets;
  } else if ((c == ')' || c == ']' || c == '}') && field.brackets > 0) {
    --field.brackets;
  } else if (c == ':' && field.brackets == 0) {
    field.in_spec = true;
  }
}

void PythonLexer::open_string_in_field(std::vector<StringPart>& parts) {
  // The letters of a prefix were passed one by one, as code. Three letters or more before the quote are no prefix.
  std::size_t begin = at_;
  while (begin > 0 && at_ - begin < 3 && in_name(text_[begin - 1])) --begin;
  const std::string_view prefix = text_.substr(begin, at_ - begin);
  const char quote = text_[at_];
  const bool triple = at_quotes(quote, true);
  at_ += triple ? 3 : 1;
  if (is_string_prefix(prefix) && has_fields(prefix))
    parts.push_back({quote, triple});
  else
    skip_plain_string(quote, triple);
}

}  // namespace trun
