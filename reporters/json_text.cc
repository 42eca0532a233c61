#include "reporters/json_text.h"

#include <cstdio>

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

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t at = 0; at < text.size();) append_escaped(out, decode_utf8(text, at));
  out += '"';
}

std::string& JsonObject::key(std::string_view name) {
  if (!is_first_) out_ += ", ";
  is_first_ = false;
  append_json_string(out_, name);
  return out_ += ": ";
}

void JsonObject::add_seconds(std::string_view name, double value) { key(name) += fixed(value, 6); }

}  // namespace trun
