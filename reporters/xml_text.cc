#include "reporters/xml_text.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "reporters/text.h"
#include "reporters/utf8.h"

namespace trun {
namespace {

// pytest's MESSAGE_ATTR_BUDGET, in characters.
constexpr std::size_t kMessageLimit = 500;

bool is_plain(char c) { return (c >= 0x20 && c < 0x7F) || c == '\t' || c == '\n' || c == '\r'; }

// Characters that XML 1.0 has no form for, not even as a reference, and DEL, which pytest's bin_xml_escape shows as
// well. Decoding has dealt with surrogates.
bool is_forbidden(char32_t code) {
  if (code < 0x20) return code != '\t' && code != '\n' && code != '\r';
  return code == 0x7F || code == 0xFFFE || code == 0xFFFF;
}

void append_visible(std::string& out, char32_t code) {
  char buffer[8];
  std::snprintf(buffer, sizeof buffer, code <= 0xFF ? "#x%02X" : "#x%04X", static_cast<unsigned>(code));
  out += buffer;
}

/// Bytes that the XML writer makes of `c` in an attribute, at most.
std::size_t escaped_size(char c) {
  switch (c) {
    case '"':
      return 6;
    case '&':
    case '\t':
    case '\n':
    case '\r':
      return 5;
    case '<':
    case '>':
      return 4;
    default:
      return 1;
  }
}

// Two long names that differ only behind the cut must stay two tests. FNV-1a, so that the name is the same in each run.
std::string hash_suffix(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  char buffer[24];
  std::snprintf(buffer, sizeof buffer, "...#%016llx", static_cast<unsigned long long>(hash));
  return buffer;
}

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (lines.empty()) lines.emplace_back();
  return lines;
}

std::string_view first_characters(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; count > 0 && at < text.size(); --count) decode_utf8(text, at);
  return text.substr(0, at);
}

}  // namespace

std::string xml_text(std::string_view text) {
  // Most texts need no decoding.
  if (std::all_of(text.begin(), text.end(), is_plain)) return std::string(text);
  // Codes first: their escape character would become visible, and the rest of the code would stay as text.
  const std::string bare = without_ansi(text);
  std::string out;
  out.reserve(bare.size());
  for (std::size_t at = 0; at < bare.size();) {
    const char32_t code = decode_utf8(bare, at);
    if (code == kInvalidCode) {
      append_utf8(out, 0xFFFD);
    } else if (is_forbidden(code)) {
      append_visible(out, code);
    } else {
      append_utf8(out, code);
    }
  }
  return out;
}

bool is_empty_in_xml(std::string_view text) {
  if (text.empty()) return true;
  return text.front() == '\x1B' && xml_text(text).empty();  // only ANSI codes vanish
}

bool is_itself_in_xml(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return is_plain(c) && escaped_size(c) == 1; });
}

std::string capped_text(std::string_view text, std::size_t limit) {
  // A character grows to four bytes at most ("#x00"), so the middle of a huge text is dropped before it is looked at.
  std::size_t missing = 0;
  std::string clean;
  if (text.size() > 8 * limit) {
    const std::string_view head = utf8_prefix(text, 4 * limit), tail = utf8_suffix(text, 4 * limit);
    missing = text.size() - head.size() - tail.size();
    clean = xml_text(std::string(head) + std::string(tail));
  } else {
    clean = xml_text(text);
  }
  if (missing == 0 && clean.size() <= limit) return clean;
  // Bytes for the line between head and tail.
  constexpr std::size_t kNote = 64;
  const std::size_t half = limit > kNote ? (limit - kNote) / 2 : 0;
  const std::string_view head = utf8_prefix(clean, half), tail = utf8_suffix(clean, half);
  missing += clean.size() - std::min(clean.size(), head.size() + tail.size());
  return std::string(head) + "\n[... " + std::to_string(missing) + " bytes left out ...]\n" + std::string(tail);
}

std::size_t escaped_size(std::string_view text) {
  std::size_t size = 0;
  for (const char c : text) size += escaped_size(c);
  return size;
}

std::string capped_name(std::string_view name) {
  std::string clean = xml_text(name);
  // Six bytes are the most that one character takes when escaped.
  if (6 * clean.size() < kNameLimit) return clean;  // whatever is in it
  const std::string hash = hash_suffix(name);
  std::size_t escaped = 0, keep = 0;
  // `keep` is how much leaves room for the hash, in case the name is too long. That is known only at the end.
  for (const char c : clean) {
    escaped += escaped_size(c);
    if (escaped + hash.size() < kNameLimit) ++keep;
  }
  if (escaped < kNameLimit) return clean;
  return std::string(utf8_prefix(clean, keep)) + hash;
}

bool is_xml_name(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto is_inner = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.'; };
  return !text.empty() && is_letter(text.front()) && std::all_of(text.begin(), text.end(), is_inner);
}

std::string short_message(std::string_view message) {
  const std::vector<std::string_view> lines = split_lines(message);
  std::string kept;
  std::size_t count = 0, size = 0;
  for (; count < lines.size(); ++count) {
    const std::size_t length = code_points(lines[count]);
    // The first line is always taken, and cut below if it is too long.
    if (count > 0 && size + length + 1 > kMessageLimit) break;
    kept.append(count ? "\n" : "").append(lines[count]);
    size += length + 1;
  }
  const bool is_cut = size > kMessageLimit + 1;
  if (is_cut) kept = std::string(first_characters(kept, kMessageLimit)) + "...";
  if (const std::size_t left = lines.size() - count) {
    return kept + "\n[+" + std::to_string(left) + " more line" + (left > 1 ? "s" : "") +
           "; full report in element text]";
  }
  return is_cut ? kept + "\n[truncated; full report in element text]" : std::string(message);
}

}  // namespace trun
