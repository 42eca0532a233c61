#include "collectors/source_scan.h"

#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "collectors/call_scan.h"
#include "collectors/module_effects.h"
#include "collectors/python_lexer.h"

namespace trun {
namespace {

// A class that inherits twice from one that inherits twice... doubles with every line.
constexpr std::uint64_t kMostTests = 1'000'000;

std::uint64_t capped(std::uint64_t count) { return std::min(count, kMostTests); }

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

class SourceScanner {
 public:
  explicit SourceScanner(std::string_view text) : text_(text), lexer_(text), effects_(text) {
    scopes_.push_back({.kind = Scope::Kind::module});
  }

  SourceScan scan() {
    for (Token token = lexer_.next(); token.kind != Token::Kind::end; token = lexer_.next()) {
      // The line first: what a token means to the others depends on what its line is.
      if (line_ == Line::none) begin_line(token);
      effects_.feed(token, lexer_.indent());
      calls_.feed(token, line_ == Line::import, line_ == Line::decorator);
      take(token);
      marks_ = marks_ || token.is("trun");
      isolates_ = isolates_ || token.is("isolate");
      look_for_collection(token);
      previous_ = token;
    }
    // A class counts for the scope around it when it is closed.
    while (scopes_.size() > 1) close_scope();
    SourceScan scan;
    scan.tests = scopes_[0].disabled ? 0 : static_cast<unsigned>(scopes_[0].tests);
    // Both names in one text, whatever stands between them: a marker may be put together from variables. A false alarm
    // only makes `auto` collect in another way.
    scan.isolates = marks_ && isolates_;
    scan.sees_collection = sees_collection_ || names_items_;
    scan.names_subclasses = names_subclasses_;
    scan.names_plugins = names_plugins_;
    scan.effects = effects_.finish(lexer_.certain());
    scan.wide_params = calls_.wide_params() || (!lexer_.certain() && may_be_wide());
    return scan;
  }

 private:
  // `session.items` reads the collection, `session.items()` is a dictionary that is called session: the token behind
  // decides, so the flags live for one token more.
  void look_for_collection(const Token& token) {
    names_subclasses_ = names_subclasses_ || token.is("__subclasses__");
    sees_collection_ = sees_collection_ || token.is("testscollected") || (names_items_ && !token.is("("));
    names_items_ = of_session_ && token.is("items");
    of_session_ = token.is(".") && (previous_.is("session") || previous_.is("node"));
    names_plugins_ = names_plugins_ || token.is("pytest_plugins");
  }

  enum class Line { none, decorator, function, type, type_body, import, marks, opt_out, other };

  struct Scope {
    enum class Kind { module, type, function } kind;
    int indent = -1;
    std::string_view name = {};
    bool collected = true;  // pytest looks for tests in it
    bool unittest = false;
    bool disabled = false;     // __test__ = False
    bool constructed = false;  // has a constructor: pytest skips it with a warning
    std::uint64_t rows = 1;
    std::uint64_t tests = 0;
  };

  void begin_line(const Token& token) {
    const int indent = static_cast<int>(lexer_.indent());
    // A line that is indented no deeper than the line of a `def` or `class` stands behind its body.
    while (scopes_.size() > 1 && scopes_.back().indent >= indent) close_scope();
    line_ = kind_of(token);
    if (line_ == Line::type) type_ = {.kind = Scope::Kind::type, .indent = indent, .collected = false};
  }

  static Line kind_of(const Token& token) {
    if (token.is("@")) return Line::decorator;
    // At the beginning of a line of a module or class `async` is that of `async def`.
    if (token.is("def") || token.is("async")) return Line::function;
    if (token.is("class")) return Line::type;
    if (token.is("import") || token.is("from")) return Line::import;
    if (token.is("pytestmark")) return Line::marks;
    if (token.is("__test__")) return Line::opt_out;
    return Line::other;
  }

  void take(const Token& token) {
    if (token.kind == Token::Kind::newline) return end_line();
    // `@pytest.fixture` and `@fixture`. Inside of brackets only a call counts: `@other(fixture)` makes no fixture.
    if (line_ == Line::decorator && calls_.depth() == 0 && (token.is("fixture") || token.is("yield_fixture")))
      fixture_ = true;
    if (line_ == Line::decorator && token.is("(") && (previous_.is("fixture") || previous_.is("yield_fixture")))
      fixture_ = true;
    if (line_ == Line::function && previous_.is("def") && token.kind == Token::Kind::name) open_function(token.text);
    if (line_ == Line::opt_out && previous_.is("=") && token.is("False")) scopes_.back().disabled = true;
    if (line_ == Line::type) take_header(token);
  }

  void end_line() {
    const unsigned rows = calls_.take_rows();
    // Several decorators multiply, and wait for the `def` or `class` below them. Any other line ends them.
    if (line_ == Line::decorator) {
      rows_ = capped(rows_ * rows);
    } else {
      // `pytestmark` multiplies the tests of its module or class. Those of a class are multiplied when it is closed,
      // those of a module one by one, because a test may stand above the mark, which then is not seen for it.
      if (line_ == Line::marks) scopes_.back().rows = capped(scopes_.back().rows * rows);
      rows_ = 1;
      fixture_ = false;
    }
    line_ = Line::none;
  }

  void open_function(std::string_view name) {
    Scope& scope = scopes_.back();
    if (scope.kind == Scope::Kind::type && (name == "__init__" || name == "__new__")) scope.constructed = true;
    // pytest looks for tests in modules and classes, not in functions. A fixture may be called test_something.
    if (scope.kind != Scope::Kind::function && name.starts_with("test") && !fixture_) {
      const std::uint64_t marked = scope.kind == Scope::Kind::module ? scope.rows : 1;
      scope.tests = capped(scope.tests + capped(rows_ * marked));
    }
    // Functions and classes in it are none that pytest collects.
    scopes_.push_back({.kind = Scope::Kind::function, .indent = static_cast<int>(lexer_.indent())});
    line_ = Line::other;
  }

  // Name and bases, up to the colon; what follows on the same line is a body of one line.
  void take_header(const Token& token) {
    if (token.is(":") && calls_.depth() == 0) {
      open_type();
      line_ = Line::type_body;
    } else if (token.kind == Token::Kind::name && previous_.is("class")) {
      type_.name = token.text;
    } else if (token.kind == Token::Kind::name && calls_.depth() > 0) {
      take_base(token.text);
    }
  }

  void take_base(std::string_view name) {
    // By name: the base is mostly imported, and the text does not tell what it derives from.
    if (contains(name, "TestCase")) type_.unittest = true;
    const auto base = types_.find(name);
    if (base == types_.end()) return;
    type_.unittest |= base->second.unittest;
    // pytest collects inherited tests in each class again.
    type_.tests = capped(type_.tests + base->second.tests);
  }

  void open_type() {
    const Scope& outer = scopes_.back();
    // unittest classes are collected whatever their name is.
    type_.collected = outer.kind != Scope::Kind::function && (type_.name.starts_with("Test") || type_.unittest);
    type_.rows = rows_;
    scopes_.push_back(type_);
  }

  void close_scope() {
    const Scope scope = scopes_.back();
    scopes_.pop_back();
    if (scope.kind != Scope::Kind::type) return;
    // Also of one that is not collected itself: a mixin whose tests count in the classes below it.
    types_.insert_or_assign(scope.name, Type{scope.unittest, scope.tests});
    // pytest skips a class with a constructor, with a warning. It does not ask that of unittest's classes.
    if (!scope.collected || scope.disabled || (scope.constructed && !scope.unittest)) return;
    Scope& outer = scopes_.back();
    const std::uint64_t marked = outer.kind == Scope::Kind::module ? outer.rows : 1;
    outer.tests = capped(outer.tests + capped(scope.tests * capped(scope.rows * marked)));
  }

  // The lexer did not understand the text, so every mention counts, in comments and strings as well.
  bool may_be_wide() const {
    return contains(text_, "params") || contains(text_, "indirect") ||
           (contains(text_, "parametrize") && contains(text_, "scope"));
  }

  struct Type {
    bool unittest;
    std::uint64_t tests;
  };

  const std::string_view text_;
  PythonLexer lexer_;
  CallScan calls_;
  EffectScan effects_;
  bool marks_ = false, isolates_ = false;  // the names `trun` and `isolate`
  bool of_session_ = false;                // `session .` stands before the token
  bool names_items_ = false;               // `session . items` does
  bool sees_collection_ = false;
  bool names_subclasses_ = false;
  bool names_plugins_ = false;
  Token previous_;
  std::vector<Scope> scopes_;                         // never empty: the module is the first
  std::unordered_map<std::string_view, Type> types_;  // classes that are closed, by name
  Scope type_{.kind = Scope::Kind::type};             // the class whose header is being read
  Line line_ = Line::none;
  std::uint64_t rows_ = 1;  // of the decorators above
  bool fixture_ = false;    // a decorator above makes it a fixture
};

}  // namespace

SourceScan scan_source(std::string_view text) { return SourceScanner(text).scan(); }

}  // namespace trun
