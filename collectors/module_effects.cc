#include "collectors/module_effects.h"

#include <algorithm>
#include <utility>

#include "collectors/harmless_names.h"
#include "collectors/token_search.h"

namespace trun {

// The scan judges one logical line after the other, as the import would run them, and stops at the first thing that
// others may see. What a name stands for is known as far as the lines above say it:
//
//    import mod              mod is imported, and the import is noted
//    CASES = []              CASES is the file's own
//    CASES.append(mod.x)     a method of what is own: nobody sees it
//    def setup():            its text is kept and not judged, because the import does not run it
//        mod.x = 1
//    setup()                 the import runs it now, so its text is judged: others may see "calls setup()"
void EffectScan::feed(const Token& token, unsigned indent) {
  if (token.kind == Token::Kind::newline) return end_line();
  if (skips_line_ || !found_.seen.empty()) return;
  if (line_.empty()) {
    indent_ = indent;
    // Deeper than its `def`: a line of the body.
    if (body_ >= 0 && static_cast<int>(indent) > body_) {
      skips_line_ = true;
      return;
    }
    // The first line that is no deeper ends the text of the function above.
    if (open_function_ != nullptr) open_function_->end = offset(token);
    open_function_ = nullptr;
    body_ = -1;
  }
  line_.push_back(token);
}

void EffectScan::end_line() {
  skips_line_ = false;
  if (line_.empty()) return;
  while (!blocks_.empty() && blocks_.back().indent >= indent_) blocks_.pop_back();
  const std::vector<Token> line = std::exchange(line_, {});
  if (!inside(Block::Kind::never)) {
    const Token* begin = line.data();
    const Token* const end = begin + line.size();
    while (begin != end && found_.seen.empty()) {
      const Token* stop = find_outside(begin, end, {";"});
      statement({begin, stop});
      begin = stop == end ? end : stop + 1;
    }
  }
  line_ = line;
  line_.clear();
}

ModuleEffects EffectScan::finish(bool certain) {
  end_line();
  // The lexer does not know then where strings end, so it may have taken any statement for text.
  if (!certain && found_.seen.empty()) {
    found_.seen = "text that could not be read";
    found_.line = 1;
  }
  drop_repeated();
  return std::move(found_);
}

void EffectScan::statement(Span line) {
  if (line.empty()) return;
  const Token& first = line[0];
  if (first.is("async") && line.size() > 1) return statement(line.from(1));
  if (first.is("@")) {
    // With arguments or without.
    const Token* open = find_outside(line.begin + 1, line.end, {"("});
    const Span chain{chain_before(line.begin + 1, open), open};
    // `@a.b` or `@a.b(...)`. In `@a().b` check() judges the call.
    const bool whole = chain.begin == line.begin + 1 && !chain.empty() && closing(open, line.end) + 1 >= line.end;
    const Span arguments = open == line.end ? Span{open, open} : Span{open + 1, line.end - 1};
    check(line.from(1));
    if (whole && !harmless_call(chain, arguments, {.applied = open != line.end})) see("@" + dotted(chain), first);
    return;
  }
  if (first.is("def")) return define_function(line);
  if (first.is("class")) return define_type(line);
  if (first.is("import")) return take_import(line);
  if (first.is("from")) return take_from(line);
  // `match` and `case` are names as well, but no statement that uses them so ends with a colon.
  const bool soft = is_one_of(first.text, {"match", "case"}) && first.kind == Token::Kind::name && line.size() > 1 &&
                    line.end[-1].is(":");
  if (soft || (first.kind == Token::Kind::name &&
               is_one_of(first.text, {"if", "elif", "else", "try", "except", "finally", "with", "for", "while"})))
    return compound(line);
  // Every worker then imports the file itself, which raises as under pytest.
  if (first.is("raise")) return see("raises", first);
  // Only the body of a function that harmless_function() judges has one.
  if (first.is("return")) return check(line.from(1));
  if (first.is("del")) return target(line.from(1), true, {});
  if (is_one_of(first.text, {"global", "nonlocal", "pass", "break", "continue"}) && first.kind == Token::Kind::name)
    return;
  assign(line);
}

// What stands in a compound statement runs when the module does, some of it perhaps not.
void EffectScan::compound(Span line) {
  const Token& first = line[0];
  const Token* colon = find_outside(line.begin, line.end, {":"});
  const Span header{line.begin + 1, colon};
  Block::Kind kind = Block::Kind::condition;
  if (first.is("try")) kind = Block::Kind::attempt;
  if (first.is("if") && !header.empty()) {
    // Blocks that do not run under pytest. `typing.TYPE_CHECKING` has three tokens.
    const bool typing = header.end[-1].is("TYPE_CHECKING") && (header.size() == 1 || header.size() == 3);
    const bool main = header.size() == 3 && header[0].is("__name__") && header[1].is("==");
    if (typing || main) kind = Block::Kind::never;
  }
  if (first.is("for")) {
    const Token* in = find_outside(header.begin, header.end, {"in"});
    // The text does not tell whose the elements are.
    target({header.begin, in}, false, {});
    check({in, header.end});
  } else if (kind != Block::Kind::never && !first.is("except")) {
    check(header, true);
    for (const Token* as = find_outside(header.begin, header.end, {"as"}); as != header.end;) {
      const Token* stop = find_outside(as + 1, header.end, {","});
      target({as + 1, stop}, false, {});
      as = find_outside(stop, header.end, {"as"});
    }
  }
  blocks_.push_back({kind, indent_});
  if (colon != line.end && colon + 1 != line.end && kind != Block::Kind::never) {
    statement({colon + 1, line.end});
    blocks_.pop_back();
  }
}

void EffectScan::define_function(Span line) {
  const Token* colon = find_outside(line.begin, line.end, {":"});
  const Token* open = std::find_if(line.begin, colon, [](const Token& token) { return token.is("("); });
  // What stands behind the colons of parameters are annotations; defaults are what counts.
  if (open != colon) check({open + 1, colon});
  // This is the body of a decorator factory, and its caller calls the inner function that it returns. So that runs,
  // too, with arguments from anywhere.
  if (enters_ && !inside(Block::Kind::function)) {
    bind_parameters({open, colon}, Name::Kind::unknown, false);
    blocks_.push_back({Block::Kind::function, indent_});
    if (colon != line.end) statement({colon + 1, line.end});
    return;
  }
  body_ = static_cast<int>(indent_);
  if (line.size() < 2) return;
  Name name{Name::Kind::function, std::string(line[1].text), offset(*line.begin), text_.size()};
  if (inside(Block::Kind::type)) {
    // Methods are kept by name: the scan mostly does not know the class of an object (harmless_method). Between the
    // class and a method there may be an `if` or a `try`.
    name.type = std::find_if(blocks_.rbegin(), blocks_.rend(), [](const Block& block) {
                  return block.kind == Block::Kind::type;
                })->name;
    open_function_ = &methods_[line[1].text].emplace_back(std::move(name));
  } else {
    open_function_ = &(names_[line[1].text] = std::move(name));
  }
  if (colon + 1 < line.end) {
    open_function_->end = offset(line.end[-1]) + line.end[-1].text.size();
    open_function_ = nullptr;
  }
}

void EffectScan::define_type(Span line) {
  const Token* colon = find_outside(line.begin, line.end, {":"});
  if (line.size() < 2) return;
  const Token* open = std::find_if(line.begin, colon, [](const Token& token) { return token.is("("); });
  if (open != colon) {
    const Token* const close = closing(open, colon);
    for (const Token* at = open + 1; at < close;) {
      const Token* stop = find_outside(at, close, {","});
      const Span base{at, stop};
      if (!base.empty() && !harmless_base(base)) {
        return see(
            "class " + std::string(line[1].text) + "(" + (base.size() < 8 ? dotted(base) : std::string("…")) + ")",
            line[0]);
      }
      at = stop == close ? close : stop + 1;
    }
  }
  // The first base of this file leads to inherited constructors (harmless_object).
  Name name{Name::Kind::type, std::string(line[1].text)};
  if (open != colon) {
    const auto base = names_.find(open[1].text);
    if (base != names_.end() && base->second.kind == Name::Kind::type) name.type = base->first;
  }
  names_[line[1].text] = std::move(name);
  blocks_.push_back({Block::Kind::type, indent_, line[1].text});
  if (colon != line.end && colon + 1 != line.end) {
    statement({colon + 1, line.end});
    blocks_.pop_back();
  }
}

bool EffectScan::harmless_base(Span base) {
  if (base.size() > 2 && base[1].is("=")) {  // a keyword: what __init_subclass__ or a metaclass is told
    return base[0].is("metaclass") && (dotted(base.from(2)) == "ABCMeta" || dotted(base.from(2)) == "abc.ABCMeta" ||
                                       dotted(base.from(2)) == "type");
  }
  const Token* chain_end =
      std::find_if(base.begin, base.end, [](const Token& token) { return !is_name(token) && !token.is("."); });
  const Span chain{base.begin, chain_end};
  if (chain.empty()) return false;
  // `Generic[T]` is as harmless as Generic.
  if (chain_end != base.end && !chain_end->is("[")) {
    // A call that makes the base: namedtuple("Point", "x y").
    return chain_end->is("(") && harmless_call(chain, {chain_end + 1, closing(chain_end, base.end)}, {});
  }
  const auto known = names_.find(chain[0].text);
  if (known == names_.end()) return chain.size() == 1 && is_harmless_builtin_base(chain[0].text);
  if (known->second.kind == Name::Kind::imported) {
    if (is_harmless_base(dotted(chain))) return true;
    // By its name one for tests, perhaps the project's own, which may count its subclasses all the same.
    if (!names_test_base(chain.end[-1].text)) return false;
    assume(Assumption::Kind::base, chain);
    return true;
  }
  // The scan has judged the class itself where it stands. Its `__init_subclass__` runs with each subclass.
  return known->second.kind == Name::Kind::type && chain.size() == 1 && harmless_method("__init_subclass__", {});
}

void EffectScan::take_import(Span line) {
  for (const Token* at = line.begin + 1; at < line.end;) {
    const Token* stop = find_outside(at, line.end, {","});
    const Token* as = find_outside(at, stop, {"as"});
    std::string module;
    for (const Token* part = at; part != as; ++part) module += part->text;
    if (module.empty()) return;
    if (as != stop && as + 1 != stop)
      names_[as[1].text] = {Name::Kind::imported, module};
    else
      // `import a.b` binds `a`.
      names_[at->text] = {Name::Kind::imported, std::string(at->text)};
    add_import({module, {}}, *at);
    at = stop == line.end ? stop : stop + 1;
  }
}

void EffectScan::take_from(Span line) {
  const Token* import = find_outside(line.begin, line.end, {"import"});
  ImportStep step;
  for (const Token* part = line.begin + 1; part != import; ++part) step.module += part->text;
  if (import == line.end || step.module.empty()) return;
  const std::string prefix = step.module.back() == '.' ? step.module : step.module + ".";
  const Token* last = nullptr;
  for (const Token* at = import + 1; at != line.end; ++at) {
    if (at->is("*")) return see("from " + step.module + " import *", *line.begin);
    if (at->is("as")) {
      if (at + 1 == line.end || last == nullptr) return;
      names_[at[1].text] = {Name::Kind::imported, prefix + std::string(last->text)};
      // `from m import a as b` does not bind `a`.
      names_.erase(last->text);
      ++at;
    } else if (at->kind == Token::Kind::name) {
      last = at;
      step.names.emplace_back(at->text);
      names_[at->text] = {Name::Kind::imported, prefix + std::string(at->text)};
    }
  }
  add_import(std::move(step), *line.begin);
}

void EffectScan::add_import(ImportStep step, const Token& at) {
  if (step.module == "__future__") return;
  // The scan does not know whether the import is made. Only importing the file itself gives the right imports.
  if (inside(Block::Kind::condition)) return see("imports " + step.module + " under a condition", at);
  step.optional = inside(Block::Kind::attempt);
  found_.imports.push_back(std::move(step));
}

void EffectScan::assign(Span line) {
  if (const Token* sign = std::find_if(line.begin, line.end, is_augmented); sign != line.end) {
    check({sign + 1, line.end}, true);
    const auto known = names_.find(line[0].text);
    // `names += [...]` changes a list in place, for all who share it.
    const bool is_own = sign != line.begin + 1 || known == names_.end() || known->second.kind == Name::Kind::own;
    if (!is_own) return see("changes " + std::string(line[0].text), line[0]);
    return target({line.begin, sign}, true, {Name::Kind::own});
  }
  const Token* last = line.begin;
  std::vector<Span> targets;
  for (const Token* sign = find_outside(last, line.end, {"="}); sign != line.end;
       sign = find_outside(last, line.end, {"="})) {
    targets.push_back({last, sign});
    last = sign + 1;
  }
  const Span value{last, line.end};
  check(targets.empty() ? line : value);
  if (targets.empty()) return check_statement(line);
  for (const Span& each : targets) {
    const Token* colon = find_outside(each.begin, each.end, {":"});  // an annotation
    const Span names{each.begin, colon};
    check({colon, each.end});
    // Which of several names gets what is not followed.
    const bool several = find_outside(names.begin, names.end, {","}) != names.end || opens(names[0]);
    const Name shared{passes_foreign(value) ? Name::Kind::unknown : Name::Kind::own};
    // Unpacking iterates.
    if (several && find_outside(value.begin, value.end, {","}) == value.end) use_arguments(value);
    target(names, false, several ? shared : value_of(value));
    mix(names, value);
  }
}

// Names that are bound, and things that are changed. `changes`: a name alone, too, is more than bound.
void EffectScan::target(Span target, bool changes, Name value) {
  for (const Token* at = target.begin; at < target.end;) {
    if (!is_name(*at)) {
      ++at;
      continue;
    }
    const Token* end = at + 1;
    while (end < target.end && !end->is(",") && !closes(*end))
      end = opens(*end) ? closing(end, target.end) + 1 : end + 1;
    end = std::min(end, target.end);
    if (end == at + 1) {
      if (!changes && !inside(Block::Kind::type)) names_[at->text] = value;
    } else {
      const auto known = names_.find(at->text);
      // `globals()["test_x"] = f` writes to this module.
      const bool own_dict = known == names_.end() && is_one_of(at->text, {"globals", "locals", "vars"}) &&
                            at + 2 < end && at[1].is("(") && at[2].is(")");
      // In `a.b.c = 1` the value of `a.b` is changed, which may be of others.
      const Token* first = at[1].is("[") ? closing(at + 1, end) + 1 : at + 3;
      const bool own = known != names_.end() && known->second.is_own() && !(known->second.mixed && first < end);
      if (!own && !own_dict && !(inside(Block::Kind::type) && known == names_.end()))
        return see("changes " + dotted({at, end}), *at);
    }
    at = end;
  }
}

std::string EffectScan::dotted(Span chain) const {
  std::string name;
  if (chain.empty()) return name;
  const auto known = names_.find(chain[0].text);
  name = known != names_.end() && known->second.kind == Name::Kind::imported ? known->second.what
                                                                             : std::string(chain[0].text);
  for (std::size_t i = 1; i < chain.size(); ++i) name += chain[i].text;
  return name;
}

void EffectScan::see(std::string what, const Token& at) {
  if (!found_.seen.empty()) return;
  found_.seen = std::move(what);
  found_.line = line_of(at);
}

std::size_t EffectScan::line_of(const Token& at) const {
  const auto end = text_.begin() + static_cast<std::ptrdiff_t>(offset(at));
  return 1 + static_cast<std::size_t>(std::count(text_.begin(), end, '\n'));
}

bool EffectScan::inside(Block::Kind kind) const {
  return std::any_of(blocks_.begin(), blocks_.end(), [kind](const Block& block) { return block.kind == kind; });
}

ModuleEffects module_effects(std::string_view text) {
  PythonLexer lexer(text);
  EffectScan scan(text);
  for (Token token = lexer.next(); token.kind != Token::Kind::end; token = lexer.next())
    scan.feed(token, lexer.indent());
  return scan.finish(lexer.certain());
}

}  // namespace trun
