// Watches the brackets and arguments in a stream of Python tokens for pytest's parametrize and fixture: how many rows a
// literal list gives, and whether a scope wider than a function has parameters. Used by scan_source; it knows no
// statements.
#pragma once

#include <string_view>
#include <vector>

#include "collectors/python_lexer.h"

namespace trun {

class CallScan {
 public:
  /// Takes the next token of the text; `import_line` and `decorator_line` say what logical line it belongs to.
  void feed(const Token& token, bool import_line, bool decorator_line);

  /// Brackets that are open.
  std::size_t depth() const { return brackets_.size(); }

  /// The product of the rows of the parametrize calls closed since the last time this was asked, at least 1.
  unsigned take_rows();

  /// A scope wider than a module goes together with parameters, or that cannot be ruled out.
  bool wide_params() const;

 private:
  struct Argument {
    std::string_view keyword;
    Token first;                                             // of the value
    unsigned tokens = 0;                                     // of the value; a bracket with all that it holds is one
    unsigned rows = 0;                                       // of the literal lists and ranges in the value
    bool is(Token::Kind kind, std::string_view text) const;  // a literal and nothing else
  };
  struct Bracket {
    char open = 0;
    std::string_view callee;  // of a call by name
    Argument argument;
    unsigned arguments = 0;  // finished ones: arguments, or elements of a list
    bool comprehension = false;
    unsigned range_rows = 0;  // of a range() called directly inside
    unsigned value_rows = 0;  // of the first argument, of parametrize's argvalues
    unsigned numbers[2] = {0, 0};
    bool params = false, wide_scope = false, indirect = false, stars = false;
  };

  /// Whether parameters of that scope reorder tests within their file at most.
  static bool stays_in_file(const Argument& scope);
  void notice_alias(const Token& token, bool import_line, bool decorator_line);
  void open_bracket(const Token& token);
  void close_bracket();
  void finish_argument(Bracket& bracket);
  void finish_call_argument(Bracket& bracket, unsigned position);
  void finish_call(const Bracket& call);
  static unsigned rows_of(const Bracket& bracket);

  Token previous_;
  std::vector<Bracket> brackets_;
  unsigned rows_ = 1;
  bool wide_ = false;
  bool params_ = false, wide_scope_ = false, indirect_ = false;  // in any call at all
  bool fixture_alias_ = false, parametrize_alias_ = false;       // used otherwise than by calling or decorating
};

}  // namespace trun
