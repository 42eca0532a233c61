#include "collectors/call_scan.h"

#include <algorithm>
#include <cstdint>

namespace trun {
namespace {

// Rows only order files by weight, so a cap costs nothing; it keeps `range(99999999999999999999)` and products of
// decorators from overflowing.
constexpr unsigned kMostRows = 1'000'000;

// As Python writes it: 5_000. Other notations end at their first letter (0x10 is 0): an estimate may be wrong.
unsigned number_of(std::string_view digits) {
  unsigned value = 0;
  for (const char c : digits) {
    if (c == '_') continue;
    if (c < '0' || c > '9') break;
    value = std::min(kMostRows, value * 10 + static_cast<unsigned>(c - '0'));
  }
  return value;
}

// `yield_fixture` is pytest's older name of the same decorator.
bool names_fixture(std::string_view name) { return name == "fixture" || name == "yield_fixture"; }

// Names before "(" that make it no call.
bool is_keyword(std::string_view name) {
  for (std::string_view keyword : {"in", "is", "if", "or", "and", "not", "else", "return", "yield", "lambda", "await"})
    if (name == keyword) return true;
  return false;
}

// Calls that return as many elements as they are given; any other call may return any number.
bool keeps_length(std::string_view callee) {
  for (std::string_view name : {"list", "tuple", "sorted", "enumerate", "reversed"})
    if (callee == name) return true;
  return false;
}

}  // namespace

bool CallScan::Argument::is(Token::Kind kind, std::string_view text) const {
  return tokens == 1 && first.kind == kind && (kind == Token::Kind::string ? first.content : first.text) == text;
}

// pytest groups tests by a parameter of a scope above function. With class and module, the group lies in one file; with
// package and session it reaches across files, and then no file can be collected alone. A scope that is no literal
// counts as wide.
bool CallScan::stays_in_file(const Argument& scope) {
  for (std::string_view name : {"function", "class", "module"})
    if (scope.is(Token::Kind::string, name)) return true;
  return scope.is(Token::Kind::name, "None");
}

void CallScan::feed(const Token& token, bool import_line, bool decorator_line) {
  notice_alias(token, import_line, decorator_line);
  const char c = token.kind == Token::Kind::op ? token.text[0] : '\0';
  // The lexer ends a line inside brackets only where the text ends. A bracket that is open then was never closed.
  if (token.kind == Token::Kind::newline) {
    brackets_.clear();
  } else if (c == '(' || c == '[' || c == '{') {
    open_bracket(token);
  } else if (c == ')' || c == ']' || c == '}') {
    close_bracket();
  } else if (!brackets_.empty()) {
    Bracket& bracket = brackets_.back();
    if (c == ',') {
      finish_argument(bracket);
    } else if (token.is("=") && bracket.argument.tokens == 1 && previous_.kind == Token::Kind::name) {
      // `scope="session"`: the token counted so far was the keyword. The value begins behind the sign.
      bracket.argument = Argument{previous_.text, {}, 0, 0};
    } else if (c == '*' && bracket.argument.tokens == 0) {
      // `*CASES` or `**options`: the text does not say which arguments they give.
      bracket.stars = true;
    } else {
      if (token.is("for")) bracket.comprehension = true;
      if (bracket.argument.tokens++ == 0) bracket.argument.first = token;
    }
  }
  previous_ = token;
}

// A call `fixture(...)` is judged by its arguments. Any other use may give the decorator a second name: `f =
// pytest.fixture`, then `@f(scope="session", params=...)`. From then on wide_params() counts a scope and parameters of
// any call.
void CallScan::notice_alias(const Token& token, bool import_line, bool decorator_line) {
  std::string_view name = previous_.text;
  if (previous_.kind == Token::Kind::string)
    name = previous_.content;  // getattr(pytest, "fixture")
  else if (previous_.kind != Token::Kind::name || token.is("("))
    return;
  // `from pytest import fixture` keeps the name; with `as` there is another.
  if (previous_.kind == Token::Kind::name && import_line && !token.is("as")) return;
  // `@pytest.fixture` at the end of its line is the decorator without arguments: neither scope nor parameters.
  if (decorator_line && token.kind == Token::Kind::newline) return;
  if (names_fixture(name)) fixture_alias_ = true;
  if (name == "parametrize") parametrize_alias_ = true;
}

void CallScan::open_bracket(const Token& token) {
  // To the argument around it, a bracket with all that it holds is one token: `["a"]` is a value, no literal name.
  if (!brackets_.empty()) {
    Argument& argument = brackets_.back().argument;
    if (argument.tokens++ == 0) argument.first = token;
  }
  Bracket bracket;
  bracket.open = token.text[0];
  if (bracket.open == '(' && previous_.kind == Token::Kind::name && !is_keyword(previous_.text))
    bracket.callee = previous_.text;
  brackets_.push_back(bracket);
}

void CallScan::close_bracket() {
  if (brackets_.empty()) return;
  finish_argument(brackets_.back());
  const Bracket closed = brackets_.back();
  brackets_.pop_back();
  if (closed.open == '(') finish_call(closed);
  if (brackets_.empty()) return;
  Bracket& outer = brackets_.back();
  // For a comprehension around it: `[x * 2 for x in range(4)]` has four rows, whatever stands before `for`.
  if (closed.callee == "range") outer.range_rows = rows_of(closed);
  // Added, not replaced: `[1, 2] + [3]` has three rows.
  outer.argument.rows = std::min(kMostRows, outer.argument.rows + rows_of(closed));
}

unsigned CallScan::rows_of(const Bracket& bracket) {
  // `range(stop)`, or `range(start, stop)`. The scan ignores a step.
  if (bracket.callee == "range") {
    const unsigned low = bracket.arguments > 1 ? bracket.numbers[0] : 0;
    const unsigned high = bracket.numbers[bracket.arguments > 1 ? 1 : 0];
    return high > low ? high - low : 0;
  }
  if (!bracket.callee.empty()) return keeps_length(bracket.callee) ? bracket.value_rows : 0;
  return bracket.comprehension ? bracket.range_rows : bracket.arguments;
}

void CallScan::finish_argument(Bracket& bracket) {
  const Argument& argument = bracket.argument;
  // A comma before the closing bracket gives no further argument.
  const bool given = argument.tokens > 0 || !argument.keyword.empty();
  if (given) {
    if (bracket.open == '(') finish_call_argument(bracket, bracket.arguments);
    ++bracket.arguments;
  }
  bracket.argument = Argument{};
}

void CallScan::finish_call_argument(Bracket& call, unsigned position) {
  const Argument& argument = call.argument;
  // parametrize(argnames, argvalues, indirect=False, ids=None, scope=None): the positions 1, 2 and 4 below are these.
  const bool positional = argument.keyword.empty();
  const bool parametrize = call.callee == "parametrize";
  if (positional && position < 2 && argument.tokens == 1 && argument.first.kind == Token::Kind::number)
    call.numbers[position] = number_of(argument.first.text);
  if ((positional && position == (parametrize ? 1 : 0)) || argument.keyword == "argvalues")
    call.value_rows = argument.rows;
  // `params=None` is the default of fixture(), so it parametrizes nothing.
  if (argument.keyword == "params" && !argument.is(Token::Kind::name, "None")) call.params = true;
  const bool scope = argument.keyword == "scope" || (parametrize && positional && position == 4);
  if (scope && !stays_in_file(argument)) call.wide_scope = true;
  const bool indirect = argument.keyword == "indirect" || (parametrize && positional && position == 2);
  if (indirect && !argument.is(Token::Kind::name, "False")) call.indirect = true;
}

void CallScan::finish_call(const Bracket& call) {
  // Kept for every call: wide_params() needs them where `fixture` or `parametrize` has a second name.
  params_ |= call.params;
  wide_scope_ |= call.wide_scope;
  indirect_ |= call.indirect;
  // Not only of fixture(): `options = dict(scope="session", params=[1])` may reach it as `**options`.
  if (call.params && call.wide_scope) wide_ = true;
  if (names_fixture(call.callee) && call.stars) wide_ = true;
  if (call.callee != "parametrize") return;
  // With indirect the fixture's scope becomes the parameter's, and the fixture may be anywhere.
  if (call.wide_scope || call.indirect || call.stars) wide_ = true;
  // A value that is no literal counts as one row. So does an empty list: pytest makes one test of it, and skips it.
  const std::uint64_t rows = std::uint64_t{rows_} * std::max(1u, call.value_rows);
  rows_ = static_cast<unsigned>(std::min<std::uint64_t>(kMostRows, rows));
}

unsigned CallScan::take_rows() {
  const unsigned rows = rows_;
  rows_ = 1;
  return rows;
}

bool CallScan::wide_params() const {
  return wide_ || (fixture_alias_ && params_ && wide_scope_) || (parametrize_alias_ && (wide_scope_ || indirect_));
}

}  // namespace trun
