// TableReader: the keys of one table in trun.toml, read into members one by one. It remembers the first thing that is
// wrong, with its place, and complains of keys that nobody asked for; nothing is read after that.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runner/config/config_value.h"
#include "runner/config/option_value.h"

namespace trun {

class TableReader {
 public:
  /// `value` outlives the reader. If it is no table, that is the complaint.
  explicit TableReader(const ConfigValue& value);

  /// Reads `key` into `out` by the parse() of its type, if it is there.
  template <typename T>
  TableReader& maybe(std::string_view key, T& out) {
    if (const ConfigEntry* entry = find(key)) note(*entry, parse(entry->value, out));
    return *this;
  }

  /// The same; its absence is a complaint.
  template <typename T>
  TableReader& required(std::string_view key, T& out) {
    if (!complaint_ && table_ && !has(key)) complaint_ = Problem("has no '" + std::string(key) + "'");
    return maybe(key, out);
  }

  /// Takes the entries that have not been asked for and whose key `wanted` knows, as they are.
  TableReader& take(bool (*wanted)(std::string_view), ConfigTable& out);

  /// Whether the key is there.
  bool has(std::string_view key) const;

  /// For what a caller finds wrong with the value of `key`.
  TableReader& complain(std::string_view key, std::string what);

  /// To be called last: the first thing that was wrong, unknown keys included.
  Complaint finish();

 private:
  const ConfigEntry* find(std::string_view key);
  void note(const ConfigEntry& entry, Complaint complaint);

  const ConfigTable* table_ = nullptr;
  std::vector<std::string> asked_;
  Complaint complaint_;
};

/// The value of the environment variable `name`, as [env] and the env of a mode hold it.
Complaint read_variable(const std::string& name, const ConfigValue& value, std::string& out);

/// A table whose keys are names of the user's: calls `read(name, value)` for each, in the order of the file; the first
/// complaint is returned with its place.
template <typename Read>
Complaint read_names(const ConfigValue& value, const Read& read) {
  const auto* table = std::get_if<ConfigTable>(&value.data);
  if (!table) return wrong_type(value, "a table");
  for (const ConfigEntry& entry : *table) {
    Complaint complaint = read(entry.key, entry.value);
    if (!complaint) continue;
    if (!complaint->line) {
      complaint->line = entry.value.line ? entry.value.line : entry.line;
      complaint->column = entry.value.line ? entry.value.column : entry.column;
    }
    complaint->key = complaint->key.empty() ? entry.key : entry.key + "." + complaint->key;
    return complaint;
  }
  return {};
}

}  // namespace trun
