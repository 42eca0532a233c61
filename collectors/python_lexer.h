// Splits the text of a Python file into tokens, in one pass and without ever failing: names, numbers, strings of every
// kind (f-strings by Python 3.12's rules, which every valid older one keeps too), operators, ends of logical lines. It
// knows brackets and continuation lines, not grammar. Bytes need not be UTF-8. What it could not read as Python reads
// it, it admits.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace trun {

struct Token {
  enum class Kind { name, number, string, op, newline, end };
  Kind kind = Kind::end;
  std::string_view text;     ///< into the scanned text; of a string: with prefix and quotes; empty for newline and end
  std::string_view content;  ///< of a string: what is between the quotes, escapes as written

  bool is(std::string_view wanted) const { return text == wanted && kind != Kind::string; }
};

class PythonLexer {
 public:
  /// REQUIRES: `text` outlives the lexer and its tokens.
  explicit PythonLexer(std::string_view text);

  /// The next token; from the end on, always the end. A logical line that is not empty ends with a newline token.
  Token next();

  /// Indentation of the current logical line, tabs to multiples of 8.
  unsigned indent() const { return indent_; }

  /// Begin and end of each comment met so far.
  const std::vector<std::pair<std::size_t, std::size_t>>& comments() const { return comments_; }

  /// False as soon as the text was not Python that the lexer understands for sure: an unfinished string, brackets
  /// that do not match, NUL bytes, a declared encoding that does not keep ASCII as it is.
  bool certain() const { return certain_; }

 private:
  struct StringPart;  // one level of an f-string

  Token finish();
  void start_line();
  bool skip_blanks();
  bool at_newline() const;
  void skip_newline();
  void skip_comment();
  void check_encoding(std::string_view comment);
  Token take(Token::Kind kind, std::size_t end);
  Token take_name();
  Token take_number();
  Token take_operator();
  Token take_string(std::size_t prefix);
  void skip_plain_string(char quote, bool triple);
  void skip_format_string(char quote, bool triple);
  bool step_in_text(std::vector<StringPart>& parts);
  void step_in_field(std::vector<StringPart>& parts);
  void open_string_in_field(std::vector<StringPart>& parts);
  bool at_quotes(char quote, bool triple) const;

  // Constant after construction.
  const std::string_view text_;

  std::size_t at_ = 0;
  std::size_t lines_ = 0;
  unsigned depth_ = 0;
  unsigned indent_ = 0;
  bool line_started_ = false;  // the current logical line has a token
  bool certain_ = true;
  std::vector<std::pair<std::size_t, std::size_t>> comments_;
};

}  // namespace trun
