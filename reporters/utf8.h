// UTF-8 as reports need it: bytes that tests wrote are not always text. Decoding never fails, it says what is wrong; no
// locale is involved and nothing here knows of terminals, XML or JSON.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace trun {

/// What decode_utf8 returns for a byte that begins no valid sequence (lone surrogates and overlong forms among them).
inline constexpr char32_t kInvalidCode = 0xFFFFFFFF;

/// The code point at `text[at]`; moves `at` past it (by one byte if it is invalid). REQUIRES: at < text.size().
char32_t decode_utf8(std::string_view text, std::size_t& at);

void append_utf8(std::string& out, char32_t code);

/// Number of code points, what Python's len() says; an invalid byte counts as one.
std::size_t code_points(std::string_view text);

/// `text` with every invalid byte replaced by U+FFFD.
std::string valid_utf8(std::string_view text);

/// The longest prefix of at most `bytes` bytes that does not end inside a character.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes);
/// The longest such suffix.
std::string_view utf8_suffix(std::string_view text, std::size_t bytes);

}  // namespace trun
