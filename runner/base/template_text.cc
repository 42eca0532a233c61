#include "runner/base/template_text.h"

#include <cctype>

namespace trun {
namespace {

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }

bool is_name(std::string_view text) {
  if (text.empty() || !is_letter(text[0])) return false;
  for (const char c : text) {
    if (!is_letter(c) && !std::isdigit(static_cast<unsigned char>(c)) && c != '_' && c != '.' && c != '-') return false;
  }
  return true;
}

}  // namespace

Result<std::string> expand_template(std::string_view text, const TemplateLookup& lookup, const std::string& known) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    // One brace stands for two, as in str.format(); the second one is skipped.
    if (text.substr(i, 2) == "{{" || text.substr(i, 2) == "}}") {
      out += text[i++];
      continue;
    }
    // A brace without its partner is text.
    const std::size_t end = text[i] == '{' ? text.find('}', i) : std::string_view::npos;
    const std::string_view name = end == std::string_view::npos ? "" : text.substr(i + 1, end - i - 1);
    // Braces of other languages stay as they are: JSON, and the shell's ${NAME}.
    if (!is_name(name) || (i > 0 && text[i - 1] == '$')) {
      out += text[i];
      continue;
    }
    const auto value = lookup(name);
    if (!value) {
      return usage_error("'{" + std::string(name) + "}' is not known here (there are: " + known +
                         "); '{{' stands for a brace");
    }
    out += *value;
    i = end;
  }
  return out;
}

}  // namespace trun
