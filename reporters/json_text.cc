#include "reporters/json_text.h"

#include <cstdio>
#include <cstdlib>

#include "reporters/text.h"
#include "reporters/utf8.h"

namespace trun {
namespace {

void append_escaped(std::string& out, char32_t code) {
  if (code == '"' || code == '\\') {
    out += '\\';
    out += static_cast<char>(code);
  } else if (code == '\n') {
    out += "\\n";
  } else if (code < 0x20 || code == 0x7F) {
    char buffer[8];
    std::snprintf(buffer, sizeof buffer, "\\u%04x", static_cast<unsigned>(code));
    out += buffer;
  } else {
    append_utf8(out, code == kInvalidCode ? 0xFFFD : code);
  }
}

// Most text is plain ASCII: it is copied in one piece, and only other bytes are decoded.
bool is_plain(char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; }

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_plain(text[end])) ++end;
    out.append(text, at, end - at);
    if ((at = end) < text.size()) append_escaped(out, decode_utf8(text, at));
  }
  out += '"';
}

void append_seconds(std::string& out, Duration value) {
  const auto micro = static_cast<unsigned long long>(std::abs(value.count()) / 1000);
  // The digits below a microsecond are cut off, so a value between -1 and 0 microseconds has no sign: "0.000000".
  if (value.count() <= -1000) out += '-';
  append_decimal(out, micro, 6);
}

std::string& JsonObject::key(std::string_view name) {
  out_ += is_first_ ? "\"" : ", \"";
  is_first_ = false;
  return out_.append(name).append("\": ");
}

void JsonObject::add_fraction(std::string_view name, double value) { key(name) += fixed(value, 6); }

}  // namespace trun
