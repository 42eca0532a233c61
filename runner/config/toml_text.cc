#include "runner/config/toml_text.h"

#include <array>
#include <cstdio>
#include <variant>

#include "reporters/utf8.h"

namespace trun {
namespace {

std::string toml_key(const std::string& key) {
  const bool bare = !key.empty() && key.find_first_not_of(
                                        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                        "0123456789_-") == std::string::npos;
  return bare ? key : toml_quoted(key);
}

struct Shown {
  std::string operator()(const ArgumentText& argument) const { return toml_quoted(argument.text); }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t number) const { return std::to_string(number); }
  std::string operator()(double number) const {
    std::array<char, 40> buffer{};
    // 17 digits give the same double when they are read again, and "#" keeps the point, without which TOML would read
    // an integer.
    std::snprintf(buffer.data(), buffer.size(), "%#.17g", number);
    return buffer.data();
  }
  std::string operator()(const std::string& text) const { return toml_quoted(text); }
  // No option takes a date, so no Config has one to be shown.
  std::string operator()(const ConfigDate&) const { return {}; }
  std::string operator()(const ConfigArray& array) const {
    std::string out;
    for (const ConfigValue& entry : array) out += (out.empty() ? "" : ", ") + show(entry);
    return "[" + out + "]";
  }
  std::string operator()(const ConfigTable& table) const {
    std::string out;
    for (const ConfigEntry& entry : table)
      out += (out.empty() ? "" : ", ") + toml_key(entry.key) + " = " + show(entry.value);
    return out.empty() ? "{}" : "{ " + out + " }";
  }
};

}  // namespace

std::string show(const ConfigValue& value) { return std::visit(Shown{}, value.data); }

std::string toml_quoted(std::string_view text) {
  std::string out = "\"";
  // TOML is UTF-8, and a file with other bytes would not be read again.
  for (const char c : valid_utf8(text)) {
    std::array<char, 8> escape{};
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      std::snprintf(escape.data(), escape.size(), "\\u%04X", byte);
      out += escape.data();
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace trun
