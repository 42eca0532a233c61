// The part of EffectScan that judges calls: which of those that a file makes while it is imported others may see.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/harmless_names.h"
#include "collectors/module_effects.h"
#include "collectors/token_search.h"

namespace trun {
namespace {

// A function that calls one that calls one...: deeper ones count as seen.
constexpr unsigned kDeepest = 4;

}  // namespace

// Every call in it that is made at once: what stands in a lambda is not.
void EffectScan::check(Span expression) {
  std::vector<int> lambdas;  // depths
  int depth = 0;
  for (std::size_t i = 0; i < expression.size() && found_.seen.empty(); ++i) {
    const Token& token = expression[i];
    if (closes(token)) --depth;
    while (!lambdas.empty() && (depth < lambdas.back() || (depth == lambdas.back() && token.is(","))))
      lambdas.pop_back();
    if (token.is("lambda")) lambdas.push_back(depth);
    if (token.is("(") && lambdas.empty() && i > 0) check_call(expression, i);
    if (opens(token)) ++depth;
  }
}

void EffectScan::check_call(Span expression, std::size_t open) {
  const Token& before = expression[open - 1];
  const bool is_called = is_name(before) || closes(before) || before.kind == Token::Kind::string;
  if (!is_called) return;
  const Span arguments{expression.begin + open + 1, closing(expression.begin + open, expression.end)};
  const Token* chain = chain_before(expression.begin, expression.begin + open);
  const bool of_value = chain != expression.begin && chain[-1].is(".") && chain != expression.begin + open;
  if (is_name(before) && !of_value) {
    const Span callee{chain, expression.begin + open};
    if (!harmless_call(callee, arguments)) see("calls " + dotted(callee) + "()", *chain);
    return;
  }
  const Token* value = of_value ? chain - 2 : expression.begin + open - 1;
  if (value < expression.begin || !closes(*value) || value->is("}")) return;  // a literal
  const std::string_view method = of_value ? before.text : std::string_view();
  check_value({expression.begin, value + 1}, method);
}

// A method (or none: it is called itself) of what ends with a bracket: of what a call returned, which nobody else has
// unless all share it; of an item, which may be anybody's; of what stands in brackets.
void EffectScan::check_value(Span value, std::string_view method) {
  const Token* open = value.end - 1;
  for (int depth = 0; open > value.begin; --open) {
    if (closes(*open)) ++depth;
    if (opens(*open) && --depth == 0) break;
  }
  const Span callee{chain_before(value.begin, open), open};
  const bool item = value.end[-1].is("]");
  const bool follows = open > value.begin && (closes(open[-1]) || open[-1].kind == Token::Kind::string);
  if (!callee.empty() && !item) {
    if (returns_shared(dotted(callee))) see("calls what " + dotted(callee) + "() returns", callee[0]);
    return;
  }
  if (!item && follows) return;
  if (is_harmless_method(method)) return;
  if (!callee.empty()) {
    const auto known = names_.find(callee[0].text);
    const bool own = known == names_.end()
                         ? is_harmless_builtin_base(callee[0].text)
                         : known->second.kind != Name::Kind::imported && known->second.kind != Name::Kind::unknown;
    if (own) return;
  } else if (item ? !follows : open + 1 < value.end && open[1].kind == Token::Kind::string) {
    return;
  }
  see("calls " + (callee.empty() ? std::string("what stands in brackets") : "an item of " + dotted(callee)), *open);
}

bool EffectScan::harmless_call(Span chain, Span arguments) {
  const auto known = names_.find(chain[0].text);
  if (known == names_.end()) {
    // A method of a builtin: dict.fromkeys, str.maketrans.
    if (chain.size() > 1) return is_harmless_builtin_base(chain[0].text) || is_harmless_method(chain.end[-1].text);
    if (is_one_of(chain[0].text, {"setattr", "delattr"}) && !arguments.empty()) {
      const auto changed = names_.find(arguments[0].text);
      return changed != names_.end() &&
             (changed->second.kind == Name::Kind::own || changed->second.kind == Name::Kind::type ||
              changed->second.kind == Name::Kind::function);
    }
    return is_harmless_builtin(chain[0].text);
  }
  Name& name = known->second;
  if (name.kind == Name::Kind::imported) {
    const std::string called = dotted(chain);
    if (called == "pytest.importorskip") import_or_skip(chain, arguments);
    return is_harmless_call(called);
  }
  if (name.kind == Name::Kind::function) return chain.size() > 1 || harmless_function(name);
  if (name.kind == Name::Kind::unknown) return chain.size() > 1 && is_harmless_method(chain.end[-1].text);
  return name.kind == Name::Kind::own || name.kind == Name::Kind::type;
}

// What stands below is not run where the module is missing: as if the import had failed.
void EffectScan::import_or_skip(Span chain, Span arguments) {
  const bool plain = !arguments.empty() && arguments[0].kind == Token::Kind::string &&
                     std::none_of(arguments.begin, arguments.end, [](const Token& t) { return t.is("minversion"); });
  if (!plain || !blocks_.empty() || depth_ > 0 || find_outside(arguments.begin, arguments.end, {","}) != arguments.end)
    return see("calls pytest.importorskip()", chain[0]);
  add_import({std::string(arguments[0].content), {}, false, true}, chain[0]);
}

// A function of the file that is called while it is imported: its body is read as if it stood there.
bool EffectScan::harmless_function(Name& function) {
  if (function.judged) return function.harmless;
  function.judged = true;
  if (depth_ >= kDeepest) return function.harmless = false;
  const std::string_view text = text_.substr(function.begin, function.end - function.begin);
  PythonLexer lexer(text);
  EffectScan body(text_);  // whose other functions it may call
  body.names_ = names_;
  body.depth_ = depth_ + 1;
  Token token = lexer.next();
  int brackets = 0;
  std::string_view before;
  for (; token.kind != Token::Kind::end && !(brackets == 0 && token.is(":")); token = lexer.next()) {
    brackets += opens(token) - closes(token);
    // Parameters: whatever is passed is changed by whoever passes it.
    if (brackets > 0 && is_name(token) && (before == "(" || before == "," || before == "*" || before == "**"))
      body.names_[token.text] = {Name::Kind::own};
    before = token.text;
  }
  for (token = lexer.next(); token.kind != Token::Kind::end; token = lexer.next()) {
    if (token.is("return") && body.line_.empty()) continue;
    body.feed(token, lexer.indent());
  }
  return function.harmless = body.finish(true).seen.empty();
}

}  // namespace trun
