// What ModuleEffects asks of the tokens of one logical line: where an expression ends, which bracket closes which, what
// name is called. Pure; every place is one in the tokens that were given.
#pragma once

#include <initializer_list>
#include <string_view>

#include "collectors/python_lexer.h"

namespace trun {

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words);
/// Not a keyword.
bool is_name(const Token& token);
bool opens(const Token& token);
bool closes(const Token& token);
/// `+=` and its like.
bool is_augmented(const Token& token);

/// The first of `words` outside of brackets, from `begin` on; `end` if there is none.
const Token* find_outside(const Token* begin, const Token* end, std::initializer_list<std::string_view> words);

/// The bracket that belongs to the one at `open`; `end` if there is none.
const Token* closing(const Token* open, const Token* end);

/// Where the chain of names and dots begins that ends before `end`; `end` if there is none. A dot before it: it is of a
/// value that has no name.
const Token* chain_before(const Token* begin, const Token* end);

}  // namespace trun
