// The part of EffectScan that notes what a file does with objects of others without calling them: attributes that it
// reads, operators, iterations. Whether that runs anybody's code depends on the object, so it becomes an Assumption.
#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collectors/harmless_names.h"
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

// What a name that is bound to `value` stands for.
EffectScan::Name EffectScan::value_of(Span value) {
  if (value.empty()) return {Name::Kind::own};
  if (value[0].is("lambda"))
    return {Name::Kind::function, "", offset(value[0]), offset(value.end[-1]) + value.end[-1].text.size()};
  Name own{Name::Kind::own};
  own.mixed = names_foreign(value);
  if (!is_name(value[0])) return own;
  const Token* end = value.begin;
  while (end != value.end && (is_name(*end) || end->is("."))) ++end;
  const auto known = names_.find(value[0].text);
  if (end != value.end && !end->is("(")) {
    // An element, or one of several values: it is the file's own only if they all are.
    const bool picks = end->is("[") || find_outside(end, value.end, {"if", "or", "and"}) != value.end;
    const bool of_own = known != names_.end() && known->second.kind == Name::Kind::own && !known->second.mixed;
    return picks && !of_own ? Name{Name::Kind::unknown} : own;
  }
  if (end != value.end) {
    // importorskip gives the module.
    if (dotted({value.begin, end}) == "pytest.importorskip" && end + 1 != value.end &&
        end[1].kind == Token::Kind::string)
      return {Name::Kind::imported, std::string(end[1].content)};
    // For example a logger: its methods change what other files see.
    if (returns_shared(dotted({value.begin, end}))) return {Name::Kind::unknown};
    if (dotted({value.begin, end}) == "functools.partial" &&
        !harmless_arguments("functools.partial", {end + 1, closing(end, value.end)}, {.applied = true}))
      return {Name::Kind::unknown};
    const Token* close = closing(end, value.end);
    return close + 1 < value.end && close[1].is("[") ? Name{Name::Kind::unknown} : own;
  }
  if (known == names_.end())
    return {value.size() == 1 && is_harmless_builtin(value[0].text) ? Name::Kind::own : Name::Kind::unknown};
  if (known->second.kind == Name::Kind::imported) return {Name::Kind::imported, dotted(value)};
  if (value.size() > 1 && known->second.mixed) return {Name::Kind::unknown};
  return value.size() == 1 ? known->second : own;
}

// What is kept in an object of the file's own, or in the class whose body this is, is still of others.
void EffectScan::mix(Span target, Span value) {
  if (target.empty() || !names_foreign(value)) return;
  const bool binds = target.size() == 1;
  if (binds && (blocks_.empty() || blocks_.back().kind != Block::Kind::type)) return;
  const auto holder = names_.find(binds ? blocks_.back().name : target[0].text);
  if (holder != names_.end() && holder->second.is_own()) holder->second.mixed = true;
}

// Whether it has the name of something that may be of others, and is no pure function or value. Functions of the file
// are not looked at.
bool EffectScan::names_foreign(Span expression) {
  return any_name(expression, [this](const Name& name, Span chain) {
    if (name.kind == Name::Kind::unknown || name.mixed) return true;
    if (name.kind != Name::Kind::imported) return false;
    const std::string what = dotted(chain);
    return !is_harmless_call(what) && !is_plain_value(what) && !is_harmless_base(what);
  });
}

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
