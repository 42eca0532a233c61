#include "collectors/token_search.h"

#include <algorithm>

namespace trun {
namespace {

// Words that name no value and cannot be called. `True`, `False` and `None` are values, and pass for names.
bool is_keyword(const Token& token) {
  return is_one_of(token.text, {"and",    "as",      "assert", "async",  "await", "case", "del",  "elif",   "else",
                                "except", "finally", "for",    "from",   "if",    "in",   "is",   "lambda", "match",
                                "not",    "or",      "raise",  "return", "while", "with", "yield"});
}

}  // namespace

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_name(const Token& token) { return token.kind == Token::Kind::name && !is_keyword(token); }
bool opens(const Token& token) { return token.is("(") || token.is("[") || token.is("{"); }
bool closes(const Token& token) { return token.is(")") || token.is("]") || token.is("}"); }

const Token* find_outside(const Token* begin, const Token* end, std::initializer_list<std::string_view> words) {
  // The first colon behind a `lambda` is its own: in `for f in lambda: 1, g:` only the second one ends the header.
  int depth = 0, lambdas = 0;
  for (const Token* at = begin; at != end; ++at) {
    // Closing brackets before the look and opening ones after it: a bracket itself stands outside of what it holds.
    if (closes(*at)) --depth;
    if (depth == 0 && at->is("lambda")) ++lambdas;
    if (depth == 0 && at->kind != Token::Kind::string && is_one_of(at->text, words)) {
      if (!at->is(":") || lambdas == 0) return at;
      --lambdas;
    }
    if (opens(*at)) ++depth;
  }
  return end;
}

const Token* closing(const Token* open, const Token* end) {
  int depth = 0;
  for (const Token* at = open; at != end; ++at) {
    if (opens(*at)) ++depth;
    if (closes(*at) && --depth == 0) return at;
  }
  return end;
}

const Token* chain_before(const Token* begin, const Token* end) {
  const Token* at = end;
  while (at != begin && is_name(at[-1])) {
    --at;
    // A dot with no name before it, as in `f().x`, does not belong to the chain.
    if (at - begin < 2 || !at[-1].is(".") || !is_name(at[-2])) return at;
    --at;
  }
  return at;
}

bool is_augmented(const Token& token) {
  return token.kind == Token::Kind::op && token.text.size() > 1 && token.text.back() == '=' &&
         !is_one_of(token.text, {"==", "!=", "<=", ">=", ":="});
}

}  // namespace trun
