#include "runner/wire/wire_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <utility>

namespace trun {
namespace {

/// The bounds of the second byte after `lead` and how many bytes follow it (Unicode, table 3-7). None follow what leads
/// nothing.
struct Sequence {
  std::size_t following = 0;
  unsigned char low = 0x80, high = 0xbf;
};

Sequence sequence_of(unsigned char lead) {
  // 0xc0 and 0xc1 would begin a longer form of ASCII; 0xed 0xa0 and above would be surrogates. Neither is UTF-8.
  if (lead >= 0xc2 && lead <= 0xdf) return {1};
  if (lead == 0xe0) return {2, 0xa0};
  if (lead == 0xed) return {2, 0x80, 0x9f};
  if (lead >= 0xe1 && lead <= 0xef) return {2};
  if (lead == 0xf0) return {3, 0x90};
  if (lead >= 0xf1 && lead <= 0xf3) return {3};
  if (lead == 0xf4) return {3, 0x80, 0x8f};
  return {};
}

/// Bytes of `text`, from its start, that are one character (`whole`) or the part of one that is there.
std::pair<std::size_t, bool> first_character(std::string_view text) {
  const Sequence sequence = sequence_of(static_cast<unsigned char>(text[0]));
  unsigned char low = sequence.low, high = sequence.high;
  for (std::size_t i = 1; i <= sequence.following; ++i) {
    // 0 stands for the end of the text: it continues nothing.
    const unsigned char byte = i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
    if (byte < low || byte > high) return {i, false};
    // Only the second byte has narrower bounds.
    low = 0x80, high = 0xbf;
  }
  return {1 + sequence.following, sequence.following > 0};
}

bool is_ascii(char byte) { return static_cast<unsigned char>(byte) < 0x80; }

/// Python makes a lone surrogate of each such byte (surrogateescape), and the worker sends that so.
void append_escaped(std::string& text, std::string_view bytes) {
  for (const char byte : bytes) {
    std::array<char, 8> escaped;
    std::snprintf(escaped.data(), escaped.size(), "\\udc%02x", static_cast<unsigned>(static_cast<unsigned char>(byte)));
    text += escaped.data();
  }
}

}  // namespace

std::string crossing(std::string_view text) {
  // Nearly every text, without a look at its characters.
  if (std::all_of(text.begin(), text.end(), is_ascii)) return std::string(text);
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const auto [size, whole] = first_character(text);
    const std::string_view bytes = text.substr(0, size);
    if (whole || is_ascii(text[0])) {
      result += bytes;
    } else {
      append_escaped(result, bytes);
    }
    text.remove_prefix(size);
  }
  return result;
}

std::string path_of(std::string_view text) {
  constexpr std::string_view kEscape = "\\udc";
  std::string result;
  while (!text.empty()) {
    const std::string_view digits = text.substr(std::min(kEscape.size(), text.size()), 2);
    unsigned byte = 0;
    const bool escaped = text.starts_with(kEscape) && digits.size() == 2 &&
                         std::from_chars(digits.data(), digits.data() + 2, byte, 16).ptr == digits.data() + 2;
    // Python escapes only bytes of 0x80 and above: "\udc41" in a path is text that its owner has written.
    if (escaped && byte >= 0x80) {
      result += static_cast<char>(byte);
      text.remove_prefix(kEscape.size() + 2);
    } else {
      result += text.front();
      text.remove_prefix(1);
    }
  }
  return result;
}

}  // namespace trun
