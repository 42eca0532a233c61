// The part of EffectScan that judges calls: which of those that a file makes while it is imported others may see.
#include <algorithm>
#include <iterator>
#include <optional>
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

// A function that calls one that calls one...: deeper ones count as seen. Each level reads the text of a function
// again, so this also bounds the time.
constexpr unsigned kDeepest = 4;
// Of a class in the same file: a class may be named as its own base.
constexpr int kMostBases = 8;

}  // namespace

// Every call in it that is made at once: what stands in a lambda is not.
// `uses`: something is done with its value, as in the header of an `if`.
void EffectScan::check(Span expression, bool uses) {
  std::vector<int> lambdas;  // depths
  int depth = 0;
  for (std::size_t i = 0; i < expression.size() && found_.seen.empty(); ++i) {
    const Token& token = expression[i];
    if (closes(token)) --depth;
    // A lambda ends with the bracket around it, or with the next argument.
    while (!lambdas.empty() && (depth < lambdas.back() || (depth == lambdas.back() && token.is(","))))
      lambdas.pop_back();
    if (token.is("lambda")) lambdas.push_back(depth);
    // The scan does not follow what an expression binds in its middle.
    if (token.is(":=") && i > 0) names_[expression[i - 1].text] = {Name::Kind::unknown};
    if (token.is("(") && lambdas.empty() && i > 0) check_call(expression, i);
    if (is_name(token) && lambdas.empty()) check_name(expression, i, uses && depth == 0);
    if (token.kind == Token::Kind::string && lambdas.empty()) check_fields(token);
    if (opens(token)) ++depth;
  }
}

void EffectScan::check_call(Span expression, std::size_t open) {
  const Token& before = expression[open - 1];
  // A bracket behind an operator or a keyword only groups.
  const bool is_called = is_name(before) || closes(before) || before.kind == Token::Kind::string;
  if (!is_called) return;
  const Span arguments{expression.begin + open + 1, closing(expression.begin + open, expression.end)};
  const Token* chain = chain_before(expression.begin, expression.begin + open);
  // `", ".join(lib.names)`: the method's value may be anything.
  if (is_name(before) && is_iterating_method(before.text)) use_arguments(arguments);
  // `f().x()`: the chain `x` is a member of a value without a name.
  const bool of_value = chain != expression.begin && chain[-1].is(".") && chain != expression.begin + open;
  if (is_name(before) && !of_value) {
    const Span callee{chain, expression.begin + open};
    if (!harmless_call(callee, arguments, {})) see("calls " + dotted(callee) + "()", *chain);
    return;
  }
  const Token* value = of_value ? chain - 2 : expression.begin + open - 1;
  // No other file has this value, so its methods change nothing that others see.
  if (value < expression.begin || !closes(*value) || value->is("}")) return;  // a literal
  const std::string_view method = of_value ? before.text : std::string_view();
  check_value({expression.begin, value + 1}, method, arguments);
}

// A method (or none: it is called itself) of what ends with a bracket: of what a call returned, which nobody else has
// unless all share it; of an item, which may be anybody's; of what stands in brackets. The loop finds the bracket that
// opens the value.
void EffectScan::check_value(Span value, std::string_view method, Span arguments) {
  const Token* open = value.end - 1;
  for (int depth = 0; open > value.begin; --open) {
    if (closes(*open)) ++depth;
    if (opens(*open) && --depth == 0) break;
  }
  const Span callee{chain_before(value.begin, open), open};
  const bool item = value.end[-1].is("]");
  // In `f()()` and `a[0][1]` the bracket stands behind another value, so it is neither a group nor a list of its own.
  const bool follows = open > value.begin && (closes(open[-1]) || open[-1].kind == Token::Kind::string);
  if (!callee.empty() && !item) {
    const bool harmless = method.empty() ? harmless_call(callee, {open + 1, value.end - 1}, {.applied = true})
                                         : harmless_method(method, {});
    // `functools.wraps(f)(lib.g)`, `attr.s(slots=True)(lib.C)`: what a pure call returns may change its own argument.
    const bool changes =
        method.empty() && is_imported(callee[0]) && !uses_arguments(dotted(callee)) && passes_import(arguments);
    if (returns_shared(dotted(callee)) || !harmless || changes)
      see("calls what " + dotted(callee) + "() returns", callee[0]);
    return;
  }
  // In `f()()()` check() judges the inner calls by themselves.
  if (!item && follows) return;
  if (is_harmless_method(method)) return;
  if (!callee.empty()) {
    const auto known = names_.find(callee[0].text);
    // An item that is called is mostly a function, and nobody knows whose.
    const bool own = known != names_.end() && known->second.is_own() && !known->second.mixed && !method.empty();
    if (known == names_.end() ? is_harmless_builtin_base(callee[0].text) : own) return;
  } else if (item ? !follows : open + 1 < value.end && open[1].kind == Token::Kind::string) {
    return;
  }
  see("calls " + (callee.empty() ? std::string("what stands in brackets") : "an item of " + dotted(callee)), *open);
}

bool EffectScan::harmless_call(Span chain, Span arguments, Call call) {
  const auto known = names_.find(chain[0].text);
  const std::string_view last = chain.end[-1].text;
  // A name that the file has not bound is a builtin.
  if (known == names_.end()) {
    // A method of a builtin: dict.fromkeys, str.maketrans.
    // setattr and delattr change their argument, which harmless_arguments() looks at.
    const bool harmless = chain.size() == 1 ? is_harmless_builtin(last) || is_one_of(last, {"setattr", "delattr"})
                                            : is_harmless_builtin_base(chain[0].text) || is_harmless_method(last);
    return harmless && harmless_arguments(dotted(chain), arguments, call);
  }
  Name& name = known->second;
  if (name.kind == Name::Kind::imported) {
    const std::string called = dotted(chain);
    if (called == "pytest.importorskip") import_or_skip(chain, arguments);
    // Foresight only, and no effect that others see: a collector that imported this file for all workers would have to
    // throw its collection away.
    if (binds_to_process(called) && found_.binds.empty()) {
      found_.binds = called + "()";
      found_.binds_line = line_of(chain[0]);
    }
    return is_harmless_call(called) && harmless_arguments(called, arguments, call);
  }
  // The value may belong to another module, so only methods that change nothing on any type are harmless.
  if (name.kind == Name::Kind::unknown) return chain.size() > 1 && is_harmless_method(last);
  call.foreign = call.foreign || passes_foreign(arguments);
  use_arguments(arguments);
  if (!harmless_keys(last, arguments)) return false;
  // `a.b.add()` changes the value of `a.b`, and `A.f()` calls what is kept there: either may be of others.
  const bool deep = chain.size() > 3 || (name.kind == Name::Kind::type && methods_.count(last) == 0);
  if (chain.size() > 1 && name.mixed && deep) return is_harmless_method(last);
  name.mixed = name.mixed || (chain.size() > 1 && names_foreign(arguments));
  if (chain.size() > 1) return harmless_method(last, call);
  if (name.kind == Name::Kind::function) return harmless_function(name, call);
  return name.kind != Name::Kind::type || harmless_object(name, call);
}

// Of a call that is harmless but for what it is given.
bool EffectScan::harmless_arguments(std::string_view callee, Span arguments, Call call) {
  const Span first{arguments.begin, find_outside(arguments.begin, arguments.end, {","})};
  // list.append(mod.names, 1), heapq.heappush(...), operator.setitem(...).
  if (changes_argument(callee)) return is_own(first);
  // `dataclasses.dataclass(lib.C)`; with a keyword first it only makes a decorator.
  if (decorates_argument(callee) && !first.empty() && !(first.size() > 1 && first[1].is("="))) return is_own(first);
  if (callee.starts_with("pytest.mark.") && first.end == arguments.end && !first.empty() &&
      chain_before(first.begin, first.end) == first.begin)
    assume(Assumption::Kind::inert, first);
  // getattr(lib, "name") is lib.name; of a name that is computed nobody can tell.
  if (is_one_of(callee, {"getattr", "hasattr"}) && chain_before(first.begin, first.end) == first.begin)
    assume_attribute(first, {std::min(first.end + 1, arguments.end), arguments.end});
  if (uses_arguments(callee)) use_arguments(arguments);
  if (!harmless_keys(callee, arguments)) return false;
  // next() moves an iterator on: that of another module is changed for all.
  if (callee == "next" && chain_before(first.begin, first.end) == first.begin) return !passes_foreign(first);
  if (calls_argument(callee) || (call.applied && callee == "functools.partial")) return harmless_callee(first);
  // type(name, bases, dict) makes a class; with one argument it only asks.
  if (is_one_of(callee, {"type", "types.new_class"}) && first.end != arguments.end)
    return harmless_bases({first.end + 1, find_outside(first.end + 1, arguments.end, {","})});
  return true;
}

// Whether it was made in this file: not so what a loop goes through.
bool EffectScan::is_own(Span value) const {
  if (value.empty() || !is_name(value[0])) return !value.empty();
  const auto known = names_.find(value[0].text);
  return known != names_.end() && known->second.is_own();
}

// Of a function that is passed to somebody who calls it.
bool EffectScan::harmless_callee(Span function) {
  if (function.empty()) return true;
  // check() passes over the body of a lambda; here the callee runs it.
  if (function[0].is("lambda")) {
    const Token* colon = std::find_if(function.begin, function.end, [](const Token& token) { return token.is(":"); });
    if (colon != function.end) check({colon + 1, function.end});
    return true;
  }
  if (chain_before(function.begin, function.end) != function.begin) return true;
  // The callee passes arguments that the text does not show, so they count as those of others.
  return harmless_call(function, {function.end, function.end}, {.foreign = true});
}

// Of what is called by the name of its parameter: `sorted(names, key=lib.rank)`.
bool EffectScan::harmless_keys(std::string_view callee, Span arguments) {
  if (callee.starts_with("pytest.")) return true;  // there it may be any value
  for (const Token* at = arguments.begin; at < arguments.end;) {
    const Token* stop = find_outside(at, arguments.end, {","});
    const bool is_called = stop - at > 2 && at[1].is("=") && is_one_of(at->text, {"key", "default_factory"});
    if (is_called && !harmless_callee({at + 2, stop})) return false;
    at = stop == arguments.end ? stop : stop + 1;
  }
  return true;
}

// An object of a class of the file is made.
bool EffectScan::harmless_object(const Name& type, Call call) {
  // Whether the class has that method from `owner`: along the first bases of this file, as far as they are known.
  const auto is_of = [&](std::string_view owner) {
    const Name* at = &type;
    for (int up = 0; up < kMostBases && at->what != owner; ++up) {
      const auto base = names_.find(at->type);
      if (base == names_.end()) return false;
      at = &base->second;
    }
    return at->what == owner;
  };
  // The first run when an object is made; `__call__` only where the object is called in turn, as a decorator is. The
  // others may run wherever the object stands later: in a class body, a `with`, a `for`, beside an operator.
  for (const std::string_view special :
       {"__init__",     "__new__",     "__post_init__", "__call__",    "__set_name__", "__enter__",   "__exit__",
        "__iter__",     "__next__",    "__len__",       "__bool__",    "__getitem__",  "__setitem__", "__delitem__",
        "__contains__", "__add__",     "__radd__",      "__iadd__",    "__sub__",      "__mul__",     "__matmul__",
        "__mod__",      "__truediv__", "__or__",        "__ror__",     "__ior__",      "__and__",     "__xor__",
        "__lshift__",   "__rlshift__", "__rshift__",    "__rrshift__", "__invert__",   "__lt__",      "__gt__",
        "__eq__",       "__getattr__", "__setattr__",   "__format__",  "__str__"}) {
    const auto methods = methods_.find(special);
    if (methods == methods_.end() || (special == "__call__" && !call.applied)) continue;
    for (Name& method : methods->second) {
      if (is_of(method.type) && !harmless_function(method, {.foreign = call.foreign})) return false;
    }
  }
  return true;
}

// Whose class is not followed: all of that name count.
bool EffectScan::harmless_method(std::string_view name, Call call) {
  const auto methods = methods_.find(name);
  return methods == methods_.end() || std::all_of(methods->second.begin(), methods->second.end(),
                                                  [&](Name& method) { return harmless_function(method, call); });
}

bool EffectScan::harmless_bases(Span tuple) {
  if (tuple.size() < 2 || !opens(tuple[0])) return false;
  const Token* const close = closing(tuple.begin, tuple.end);
  for (const Token* at = tuple.begin + 1; at < close;) {
    const Token* stop = find_outside(at, close, {","});
    if (stop != at && !harmless_base({at, stop})) return false;
    at = stop == close ? close : stop + 1;
  }
  return true;
}

// Of the names that the file knows, with the chain that each begins: not of what is called, which check() has judged,
// nor of parameters, whose names stand before "=".
bool EffectScan::any_name(Span expression, const std::function<bool(Name&, Span)>& is_it) {
  for (const Token* at = expression.begin; at < expression.end; ++at) {
    if (!is_name(*at) || (at != expression.begin && at[-1].is("."))) continue;
    const Token* end = at + 1;
    while (end + 1 < expression.end && end->is(".") && is_name(end[1])) end += 2;
    if (end < expression.end && (end->is("(") || end->is("="))) continue;
    const auto known = names_.find(at->text);
    if (known != names_.end() && is_it(known->second, {at, end})) return true;
  }
  return false;
}

// Whether something that is of others is among them: not what a call returns, which was judged itself.
bool EffectScan::passes_foreign(Span arguments) {
  return any_name(arguments, [this](Name& name, Span chain) {
    if (name.kind == Name::Kind::unknown) return true;
    // A pure function may be passed on: `key=operator.itemgetter`.
    if (name.kind == Name::Kind::imported && !is_harmless_call(dotted(chain))) return true;
    return name.kind == Name::Kind::function && !harmless_function(name, {.foreign = true});
  });
}

// The same of what the file imports, by its name. Parameters of a decorator's inner function are mostly the file's own.
bool EffectScan::passes_import(Span arguments) {
  const Span first{arguments.begin, find_outside(arguments.begin, arguments.end, {","})};
  if (first.empty() || chain_before(first.begin, first.end) != first.begin) return false;
  return is_imported(first[0]) && !is_harmless_call(dotted(first));
}

// What stands below is not run where the module is missing: as if the import had failed.
void EffectScan::import_or_skip(Span chain, Span arguments) {
  const bool plain = !arguments.empty() && arguments[0].kind == Token::Kind::string &&
                     std::none_of(arguments.begin, arguments.end, [](const Token& t) { return t.is("minversion"); });
  // With a version, under a condition or in a function, a plain import in the other workers cannot tell whether the
  // rest is skipped.
  if (!plain || !blocks_.empty() || depth_ > 0 || find_outside(arguments.begin, arguments.end, {","}) != arguments.end)
    return see("calls pytest.importorskip()", chain[0]);
  add_import({std::string(arguments[0].content), {}, false, true}, chain[0]);
}

// Parameters, as the places behind brackets and commas tell. The first one of a method is an object of the file's.
void EffectScan::bind_parameters(Span header, Name::Kind kind, bool method) {
  int brackets = 0;
  std::string_view before;
  for (const Token* at = header.begin; at != header.end; ++at) {
    brackets += opens(*at) - closes(*at);
    if (brackets == 1 && is_name(*at) && is_one_of(before, {"(", ",", "*", "**"})) {
      names_[at->text] = {method ? Name::Kind::own : kind};
      method = false;
    }
    before = at->text;
  }
}

// A function of the file that is called while it is imported: its body is read as if it stood there.
bool EffectScan::harmless_function(Name& function, Call call) {
  // Judged once for each way to call it: with things of others or without, called in turn or not.
  std::optional<bool>& known = function.harmless[std::size_t{call.foreign} + 2 * std::size_t{call.applied}];
  if (known) return *known;
  // Set before the body is read, and harmless for the time being: where the function calls itself, the rest of its body
  // decides.
  known = depth_ < kDeepest;  // where it calls itself
  if (!*known) return false;
  const std::string_view text = text_.substr(function.begin, function.end - function.begin);
  PythonLexer lexer(text);
  // A scan of its own, with the names as they stand at the call, so that it leaves none of its local names here.
  EffectScan body(text_);  // whose other functions it may call
  body.names_ = names_;
  body.methods_ = methods_;
  body.depth_ = depth_ + 1;
  body.enters_ = call.applied;
  Token token = lexer.next();
  std::vector<Token> header;
  for (int brackets = 0; token.kind != Token::Kind::end && !(brackets == 0 && token.is(":")); token = lexer.next()) {
    brackets += opens(token) - closes(token);
    header.push_back(token);
  }
  // A change of an unknown argument counts as a change of something of others. The function may change arguments that
  // the file has made.
  body.bind_parameters({header.data(), header.data() + header.size()},
                       call.foreign ? Name::Kind::unknown : Name::Kind::own, !function.type.empty());
  for (token = lexer.next(); token.kind != Token::Kind::end; token = lexer.next()) body.feed(token, lexer.indent());
  ModuleEffects effects = body.finish(true);
  known = effects.seen.empty();
  if (found_.binds.empty()) {
    found_.binds = std::move(effects.binds);
    found_.binds_line = effects.binds_line;
  }
  // What it imports is imported with the file.
  if (*known) {
    std::move(effects.imports.begin(), effects.imports.end(), std::back_inserter(found_.imports));
    std::move(effects.assumes.begin(), effects.assumes.end(), std::back_inserter(found_.assumes));
  }
  return *known;
}

}  // namespace trun
