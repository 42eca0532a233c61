// ConfigValue: one value from outside before it has a meaning, from the command line (always text) or from a TOML file
// (typed, with its place). It keeps toml++ out of headers. Nested values are here so that options such as [services.x]
// can be rows of the table too.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace trun {

struct ConfigValue;
struct ConfigEntry;
using ConfigArray = std::vector<ConfigValue>;
/// In the order of the file.
using ConfigTable = std::vector<ConfigEntry>;

/// A word from the command line: it may stand for a value of any scalar type.
struct ArgumentText {
  std::string text;
};

/// A TOML date or time: no option takes one, but the complaint must name it.
struct ConfigDate {};

struct ConfigValue {
  std::variant<ArgumentText, bool, std::int64_t, double, std::string, ConfigDate, ConfigArray, ConfigTable> data;
  unsigned line = 0, column = 0;  ///< in the file, from 1; 0 on the command line
};

struct ConfigEntry {
  std::string key;
  ConfigValue value;
  unsigned line = 0, column = 0;  ///< of the key
};

/// What is wrong with a value, to be put behind the name of its option or its place in the file.
struct Problem {
  Problem(std::string what) : text(std::move(what)) {}  // NOLINT: a text is a problem
  Problem(const char* what) : text(what) {}             // NOLINT
  std::string text;
  std::string key;                ///< of a value inside the option's table: "postgres.ready"
  bool of_key = false;            ///< there should be no such key: the text says all
  unsigned line = 0, column = 0;  ///< of that value, or key; 0: the option's own
};

/// None: nothing is wrong.
using Complaint = std::optional<Problem>;

/// "a string", "an integer", ...: for "must be X, not Y".
const char* type_name(const ConfigValue& value);

}  // namespace trun
