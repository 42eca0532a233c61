// The part of EffectScan that notes what a file does with objects of others without calling them: attributes that it
// reads, operators, iterations. Whether that runs anybody's code depends on the object, so it becomes an Assumption.
#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collectors/harmless_uses.h"
#include "collectors/module_effects.h"
#include "collectors/token_search.h"

namespace trun {
namespace {

// An f-string in a field of one in a field of one...: each level reads the text again.
constexpr unsigned kDeepestFields = 4;

// What stands before or behind a value that it is done to; `is` runs no code. `*` may unpack.
bool is_operator(const Token& token) {
  if (token.kind == Token::Kind::string) return false;
  return is_one_of(token.text, {"+", "-", "*", "/", "//", "%",  "@",  "**", "<<", ">>",  "&",   "|",
                                "^", "~", "<", ">", "<=", ">=", "==", "!=", "in", "not", "and", "or"});
}

// Only behind these the value is used: in `a if b else c` a is not.
bool tests_next(const Token& token) {
  return is_operator(token) ||
         (token.kind == Token::Kind::name && is_one_of(token.text, {"if", "elif", "while", "assert"}));
}

}  // namespace

// A name at the place `at` of an expression.
void EffectScan::check_name(Span expression, std::size_t at, bool uses) {
  const Token* begin = expression.begin + at;
  if (begin != expression.begin && begin[-1].is(".")) return;
  if (!is_imported(*begin)) return;
  const Token* end = begin + 1;
  while (end + 1 < expression.end && end->is(".") && is_name(end[1])) end += 2;
  const Span chain{begin, end};
  // Calls are judged elsewhere; the name before "=" is that of a parameter.
  if (end < expression.end && (end->is("(") || end->is("="))) return;
  // `-(lib.x)`: brackets that only group.
  while (begin > expression.begin && begin[-1].is("(") && end < expression.end && end->is(")") &&
         (begin - 1 == expression.begin || !(is_name(begin[-2]) || closes(begin[-2])))) {
    --begin;
    ++end;
  }
  uses = uses || (begin > expression.begin && tests_next(begin[-1])) ||
         (end < expression.end && (is_operator(*end) || end->is("[")));
  if (uses) return assume(Assumption::Kind::value, chain);
  if (chain.size() > 1) assume(Assumption::Kind::read, chain);
}

// An f-string formats what stands in its fields. A doubled brace is text.
void EffectScan::check_fields(const Token& string) {
  const std::string_view prefix = string.text.substr(0, string.text.find_first_of("'\""));
  if (prefix.find_first_of("fF") == std::string_view::npos) return;
  if (fields_ == kDeepestFields) return see("f-strings in f-strings", string);
  ++fields_;
  const std::string_view text = string.content;
  for (std::size_t at = text.find('{'); at != std::string_view::npos; at = text.find('{', at)) {
    if (text.substr(at, 2) == "{{") {
      at += 2;
      continue;
    }
    PythonLexer lexer(text.substr(++at));
    std::vector<Token> field;
    int depth = 0;
    for (Token token = lexer.next(); token.kind != Token::Kind::end; token = lexer.next()) {
      if (depth == 0 && closes(token)) break;
      depth += opens(token) - closes(token);
      if (token.kind != Token::Kind::newline) field.push_back(token);
    }
    if (field.empty()) continue;
    // Up to `!r`, `=` or `:>8`. What a format names in fields of its own stands in its braces, and is looked at, too.
    const Token* const end = field.data() + field.size();
    const Token* const stop = find_outside(field.data(), end, {":", "!", "="});
    check({field.data(), stop}, true);
    const Span format{std::min(stop + 1, end), end};
    check(format);
    for (std::size_t i = 0; i < format.size(); ++i) {
      if (is_name(format[i])) check_name(format, i, true);
    }
    at = static_cast<std::size_t>(field.back().text.data() + field.back().text.size() - text.data());
  }
  --fields_;
}

// An expression that is a statement: it stands there for what it does. `a >> b` of what is nobody knows whose.
void EffectScan::check_statement(Span line) {
  const bool operates = std::any_of(line.begin, line.end, [](const Token& token) { return is_operator(token); });
  if (!operates || line[0].is("assert")) return;
  for (const Token* at = line.begin; at != line.end; ++at) {
    if (!is_name(*at) || (at != line.begin && at[-1].is("."))) continue;
    const auto known = names_.find(at->text);
    if (known != names_.end() && known->second.kind == Name::Kind::unknown)
      return see("operators on " + std::string(at->text), *at);
  }
}

// Arguments that are iterated, compared, or passed to a function of the file, which may do so. What stands in
// brackets or behind an operator is no argument itself.
void EffectScan::use_arguments(Span arguments) {
  for (const Token* at = arguments.begin; at < arguments.end;) {
    const Token* stop = find_outside(at, arguments.end, {","});
    const Token* begin = at;
    if (stop - at > 2 && at[1].is("=")) begin += 2;
    if (begin < stop && chain_before(begin, stop) == begin) assume(Assumption::Kind::value, {begin, stop});
    at = stop == arguments.end ? stop : stop + 1;
  }
}

// getattr() and hasattr(): `name` is what stands behind the owner.
void EffectScan::assume_attribute(Span owner, Span name) {
  if (!is_imported(owner[0]) || is_plain_value(dotted(owner))) return;
  const bool plain = !name.empty() && name[0].kind == Token::Kind::string && (name.size() == 1 || name[1].is(","));
  if (!plain) return assume(Assumption::Kind::value, owner);
  found_.assumes.push_back(
      {Assumption::Kind::read, dotted(owner) + "." + std::string(name[0].content), line_of(owner[0])});
}

bool EffectScan::is_imported(const Token& name) const {
  const auto known = names_.find(name.text);
  return known != names_.end() && known->second.kind == Name::Kind::imported;
}

void EffectScan::assume(Assumption::Kind kind, Span chain) {
  if (!is_imported(chain[0])) return;
  std::string name = dotted(chain);
  if (kind != Assumption::Kind::base && is_plain_value(name)) return;
  found_.assumes.push_back({kind, std::move(name), line_of(chain[0])});
}

// A file may name one constant a hundred times.
void EffectScan::drop_repeated() {
  std::set<std::pair<Assumption::Kind, std::string>> known;
  std::vector<Assumption> once;
  for (Assumption& each : found_.assumes) {
    if (known.emplace(each.kind, each.name).second) once.push_back(std::move(each));
  }
  found_.assumes = std::move(once);
}

}  // namespace trun
