#include "reporters/utf8.h"

namespace trun {
namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// Length of the sequence that `lead` begins and its first bits; 0 if it begins none.
std::size_t sequence_length(unsigned char lead, char32_t& bits) {
  // 0xC0 and 0xC1 would begin overlong forms; from 0xF5 on nothing is Unicode (RFC 3629).
  if (lead >= 0xC2 && lead <= 0xDF) return bits = lead & 0x1F, 2;
  if (lead >= 0xE0 && lead <= 0xEF) return bits = lead & 0x0F, 3;
  if (lead >= 0xF0 && lead <= 0xF4) return bits = lead & 0x07, 4;
  return 0;
}

// Excludes overlong forms of three and four bytes, and surrogates, which UTF-8 does not have.
bool is_in_range(char32_t code, std::size_t length) {
  if (length == 3) return code >= 0x800 && (code < 0xD800 || code > 0xDFFF);
  if (length == 4) return code >= 0x10000 && code <= 0x10FFFF;
  return true;
}

}  // namespace

char32_t decode_utf8(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0x80) return ++at, lead;
  char32_t code = 0;
  const std::size_t length = sequence_length(lead, code);
  // Only the first byte is skipped, not the whole sequence: the next one may begin a character.
  if (length == 0 || at + length > text.size()) return ++at, kInvalidCode;
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(text[at + i])) return ++at, kInvalidCode;
    code = code << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3F);
  }
  if (!is_in_range(code, length)) return ++at, kInvalidCode;
  at += length;
  return code;
}

void append_utf8(std::string& out, char32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

std::size_t code_points(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) decode_utf8(text, at);
  return count;
}

std::string valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const char32_t code = decode_utf8(text, at);
    append_utf8(out, code == kInvalidCode ? 0xFFFD : code);
  }
  return out;
}

std::string_view utf8_prefix(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  // Back to the first byte of the character that the cut falls into.
  while (bytes > 0 && is_continuation(text[bytes])) --bytes;
  return text.substr(0, bytes);
}

std::string_view utf8_suffix(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  std::size_t at = text.size() - bytes;
  // Forward to the first byte of the next character.
  while (at < text.size() && is_continuation(text[at])) ++at;
  return text.substr(at);
}

}  // namespace trun
