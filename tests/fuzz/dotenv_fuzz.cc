// Fuzz target of the parser of environment files: any bytes are variables or a complaint that names a line; what it
// reads, written in quotes and read again, is the same.
#include "runner/config/dotenv.h"
#include "tests/fuzz/fuzz.h"

namespace trun {
namespace {

std::optional<std::string> nothing(std::string_view) { return std::nullopt; }

std::string quoted(const std::string& value) {
  std::string out = "'";
  for (const char c : value) out += c == '\'' || c == '\\' ? std::string{'\\', c} : std::string{c};
  return out + "'";
}

}  // namespace

void fuzz(std::string_view input) {
  const auto found = parse_dotenv(input, "file", nothing);
  if (!found.ok()) return require_message(found.error(), Error::Kind::usage, "file:");
  std::string text;
  for (const auto& [name, value] : *found) {
    require(!name.empty() && name.find('=') == std::string::npos, "a name is a name: " + name);
    text += name + "=" + quoted(value) + "\n";
  }
  const auto again = parse_dotenv(text, "file", nothing);
  require(again.ok() && *again == *found, "what was read is read again: " + text);
}

}  // namespace trun
