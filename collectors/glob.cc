#include "collectors/glob.h"

#include <cstddef>
#include <cstdint>

namespace trun {
namespace {

struct Character {
  std::uint32_t code;
  std::size_t size;
};

// A byte that is not part of a valid sequence is a character of its own, as with Python's surrogateescape.
Character character_at(std::string_view text, std::size_t at) {
  // 0xC0 and 0xC1 would begin overlong forms, 0xF5 and above lie beyond Unicode: no sequence begins with them. Such a
  // byte gets a code from U+DC80 on, which no valid text has, so it equals only the same byte.
  const auto lead = static_cast<unsigned char>(text[at]);
  const std::size_t size = lead < 0xC2 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 1;
  if (size == 1 || at + size > text.size()) return {lead < 0x80 ? lead : 0xDC00u + lead, 1};
  std::uint32_t code = lead & (0x7Fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    const auto byte = static_cast<unsigned char>(text[at + i]);
    if ((byte & 0xC0) != 0x80) return {0xDC00u + lead, 1};
    code = code << 6 | (byte & 0x3Fu);
  }
  return {code, size};
}

// The index of the bracket that ends the set opened before `begin`, or npos: then the opening bracket is an ordinary
// one.
std::size_t end_of_set(std::string_view pattern, std::size_t begin) {
  std::size_t at = begin;
  // A "]" that comes first, also behind "!", is a member of the set (fnmatch.translate).
  if (at < pattern.size() && pattern[at] == '!') ++at;
  if (at < pattern.size() && pattern[at] == ']') ++at;
  return pattern.find(']', at);
}

bool in_set(std::uint32_t code, std::string_view set) {
  const bool negated = !set.empty() && set[0] == '!';
  bool found = false;
  for (std::size_t at = negated ? 1 : 0; at < set.size();) {
    const Character low = character_at(set, at);
    at += low.size;
    std::uint32_t high = low.code;
    // A "-" at the end is a member. A range that runs backwards, [z-a], matches nothing, as in Python.
    if (at + 1 < set.size() && set[at] == '-') {
      const Character last = character_at(set, at + 1);
      high = last.code;
      at += 1 + last.size;
    }
    if (low.code <= code && code <= high) found = true;
  }
  return found != negated;
}

// How much of the pattern at `at` takes the character, or 0 if it does not match.
std::size_t match_one(std::string_view pattern, std::size_t at, std::uint32_t code) {
  if (pattern[at] == '?') return 1;
  if (pattern[at] == '[') {
    const std::size_t end = end_of_set(pattern, at + 1);
    if (end != std::string_view::npos) return in_set(code, pattern.substr(at + 1, end - at - 1)) ? end + 1 - at : 0;
  }
  const Character wanted = character_at(pattern, at);
  return wanted.code == code ? wanted.size : 0;
}

}  // namespace

bool fnmatch(std::string_view name, std::string_view pattern) {
  std::size_t n = 0, p = 0;
  // Where to go on if what follows the last star does not fit: that star takes one character more. Only the last star
  // can ever matter, because it can take all that an earlier star could take instead. So the time stays quadratic for
  // any number of stars.
  std::size_t star = std::string_view::npos, retry = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      retry = n;
      continue;
    }
    const Character next = character_at(name, n);
    const std::size_t taken = p < pattern.size() ? match_one(pattern, p, next.code) : 0;
    if (taken != 0) {
      p += taken;
      n += next.size;
    } else if (star != std::string_view::npos) {
      p = star;
      n = retry += character_at(name, retry).size;
    } else {
      return false;
    }
  }
  // The name is used up: only stars may be left, which match the empty rest.
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool fnmatch_ex(std::string_view pattern, std::string_view path) {
  if (pattern.find('/') == std::string_view::npos) return fnmatch(path.substr(path.rfind('/') + 1), pattern);
  if (pattern[0] == '/') return fnmatch(path, pattern);
  // A star crosses slashes, so "*/" stands for any directories above.
  return fnmatch(path, std::string("*/").append(pattern));
}

bool matches_any(const std::vector<std::string>& patterns, std::string_view path) {
  for (const std::string& pattern : patterns)
    if (fnmatch_ex(pattern, path)) return true;
  return false;
}

}  // namespace trun
