// ModuleEffects: what importing a Python file does that other files may see, told from its text. Definitions, constants
// and known pure calls are seen by nobody else; a class whose base may count its subclasses, a decorator that may
// register, a write to what was imported may be. Nothing is run; what is not known counts as seen. The names that are
// known are in harmless_names.cc.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "collectors/python_lexer.h"

namespace trun {

/// An import that the file makes whenever it is imported.
struct ImportStep {
  std::string module;              ///< dotted; with a leading dot for each level if relative
  std::vector<std::string> names;  ///< of `from module import names`
  bool optional = false;           ///< the file goes on without it
  bool may_skip = false;           ///< without it the rest of the file is skipped
  bool operator==(const ImportStep&) const = default;
};

/// What the text cannot tell, and a worker looks up once the imports are made. Where it does not hold, or cannot be
/// looked up, the file counts as seen.
struct Assumption {
  enum class Kind {
    read,   ///< reading the attribute runs no code: no `__getattr__`, no property
    value,  ///< nor does an operator, a subscript, an iteration or a truth test of it, and it is no iterator
    inert,  ///< the same, and it is neither function nor class: a mark with it as its only argument decorates nothing
    base,   ///< no `__init_subclass__` or metaclass hears of a subclass
  } kind;
  std::string name;      ///< dotted; with a leading dot for each level if relative
  std::size_t line = 0;  ///< from 1
  bool operator==(const Assumption&) const = default;
};

struct ModuleEffects {
  /// The first thing that others may see: "class Book(Base)"; empty: nothing. The file itself must be imported then.
  std::string seen;
  std::size_t line = 0;             ///< of it, from 1
  std::vector<ImportStep> imports;  ///< in order; what they leave in sys.modules others may see
  std::vector<Assumption> assumes;  ///< under which nothing is seen; each once
  /// The first call, as far as `seen`, of what gives each process something of its own: "uuid.uuid4()". Foresight only.
  std::string binds;
  std::size_t binds_line = 0;
};

class EffectScan {
 public:
  /// REQUIRES: `text` outlives it.
  explicit EffectScan(std::string_view text) : text_(text) {}

  /// Takes the next token of the text; `indent`: of its logical line.
  void feed(const Token& token, unsigned indent);
  /// To be asked once, after the last token. `certain`: the lexer's word.
  ModuleEffects finish(bool certain);

 private:
  using Tokens = const Token*;
  struct Span {
    Tokens begin, end;
    bool empty() const { return begin == end; }
    std::size_t size() const { return static_cast<std::size_t>(end - begin); }
    const Token& operator[](std::size_t i) const { return begin[i]; }
    Span from(std::size_t i) const { return {begin + i, end}; }
    Span to(std::size_t i) const { return {begin, begin + i}; }
  };
  struct Block {
    enum class Kind { type, attempt, condition, never, function } kind;
    unsigned indent;
    std::string_view name = {};  // of a type
  };
  /// How a function of the file is called.
  struct Call {
    bool foreign = false;  ///< something of others is passed
    bool applied = false;  ///< what it returns is called in turn, as of a decorator with arguments
  };
  /// What a name of the module stands for.
  struct Name {
    enum class Kind {
      imported,  ///< `what`: the dotted name
      own,       ///< made here: who changes it changes nothing of others
      function,  ///< of this file, its text from `begin` to `end`
      type,      ///< a class of this file that nobody hears of
      unknown,
    } kind = Kind::unknown;
    std::string what = {};
    std::size_t begin = 0, end = 0;
    std::string_view type = {};                        // of a method: of what class; of a type: its first own base
    std::array<std::optional<bool>, 4> harmless = {};  // of a function, for each Call that was judged
    bool mixed = false;                                // own, and holds what may be of others
    bool is_own() const { return kind != Kind::imported && kind != Kind::unknown; }  // was made in this file
  };

  void end_line();
  void statement(Span line);
  void compound(Span line);
  void define_function(Span line);
  void define_type(Span line);
  bool harmless_base(Span base);
  void take_import(Span line);
  void take_from(Span line);
  void add_import(ImportStep step, const Token& at);
  void assign(Span line);
  void target(Span target, bool changes, Name value);
  Name value_of(Span value);
  void mix(Span target, Span value);
  void bind_parameters(Span header, Name::Kind kind, bool method);
  void check(Span expression, bool uses = false);
  void check_call(Span expression, std::size_t open);
  void check_value(Span value, std::string_view method, Span arguments);
  void check_fields(const Token& string);
  void check_name(Span expression, std::size_t at, bool uses);
  void check_statement(Span line);
  void use_arguments(Span arguments);
  void assume_attribute(Span owner, Span name);
  void drop_repeated();
  void assume(Assumption::Kind kind, Span chain);
  bool harmless_call(Span chain, Span arguments, Call call);
  bool harmless_arguments(std::string_view callee, Span arguments, Call call);
  bool harmless_callee(Span function);
  bool harmless_keys(std::string_view callee, Span arguments);
  bool harmless_object(const Name& type, Call call);
  bool harmless_method(std::string_view name, Call call);
  bool harmless_function(Name& function, Call call);
  bool harmless_bases(Span tuple);
  bool is_own(Span value) const;
  /// Whether a name stands for what the file imports.
  bool is_imported(const Token& name) const;
  bool any_name(Span expression, const std::function<bool(Name&, Span)>& is_it);
  bool passes_foreign(Span arguments);
  bool names_foreign(Span expression);
  bool passes_import(Span arguments);
  void import_or_skip(Span chain, Span arguments);
  std::string dotted(Span chain) const;
  void see(std::string what, const Token& at);
  std::size_t line_of(const Token& at) const;
  bool inside(Block::Kind kind) const;
  std::size_t offset(const Token& token) const { return static_cast<std::size_t>(token.text.data() - text_.data()); }

  const std::string_view text_;
  std::vector<Token> line_;
  unsigned indent_ = 0;
  bool skips_line_ = false;
  int body_ = -1;  // indent of the function whose body is being passed over
  Name* open_function_ = nullptr;
  std::vector<Block> blocks_;
  std::unordered_map<std::string_view, Name> names_;
  std::unordered_map<std::string_view, std::vector<Name>> methods_;  // of the file's classes, by their names
  unsigned depth_ = 0;                                               // of functions that are judged
  unsigned fields_ = 0;                                              // f-strings around the one that is read
  bool enters_ = false;                                              // the functions in the one that is judged run, too
  ModuleEffects found_;
};

/// The effects of importing `text`. Linear in it, for any bytes.
ModuleEffects module_effects(std::string_view text);

}  // namespace trun
