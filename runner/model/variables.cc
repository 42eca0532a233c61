#include "runner/model/variables.h"

#include <cctype>

namespace trun {

std::string variable_word(std::string_view name) {
  std::string word;
  // Names of variables have letters, digits and "_" (POSIX). "my-db" and "my_db" come out alike; parse_ports() refuses
  // the second.
  for (const unsigned char c : name) word += std::isalnum(c) ? static_cast<char>(std::toupper(c)) : '_';
  return word;
}

std::string port_variable(std::string_view port) { return "TRUN_PORT_" + variable_word(port); }

std::string service_variable(std::string_view service) { return "TRUN_SERVICE_" + variable_word(service); }

}  // namespace trun
