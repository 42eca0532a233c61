// Variables: what tests find in their environment, as values, and the names that trun gives to variables of its own.
// Nothing is set here.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trun {

/// In the order in which they were given; a name may come again, the last counts.
using Variables = std::vector<std::pair<std::string, std::string>>;

/// The value of a variable that was set elsewhere; nullopt if there is none.
using Lookup = std::function<std::optional<std::string>(std::string_view name)>;

/// A variable whose text may name what each worker has for itself: "test_{slot}".
struct EnvTemplate {
  std::string name, text;
  /// A name between braces that nobody knows is a mistake; else it is the text's own ("{levelname}").
  bool strict = true;
  std::string place{};  ///< for complaints: "trun.toml:3:8: key 'env.DATABASE_URL'"
  unsigned line = 0, column = 0;
  bool operator==(const EnvTemplate&) const = default;
};

/// "MY_DB" for "my-db": a name of the user's as a part of a variable's name.
std::string variable_word(std::string_view name);
/// "TRUN_PORT_API" for the port "api".
std::string port_variable(std::string_view port);
/// "TRUN_SERVICE_MY_DB" for the service "my-db": what the names of its variables begin with.
std::string service_variable(std::string_view service);

}  // namespace trun
