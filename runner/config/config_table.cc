#include "runner/config/config_table.h"

#include "runner/config/did_you_mean.h"

namespace trun {

TableReader::TableReader(const ConfigValue& value) : table_(std::get_if<ConfigTable>(&value.data)) {
  if (!table_) complaint_ = wrong_type(value, "a table");
}

// For rules between keys. It does not make the key a known one; only find() does.
bool TableReader::has(std::string_view key) const {
  return table_ && std::any_of(table_->begin(), table_->end(), [&](const auto& entry) { return entry.key == key; });
}

const ConfigEntry* TableReader::find(std::string_view key) {
  // Kept even if the key is not there or nothing is read any more: this is the list of known keys, for finish().
  asked_.emplace_back(key);
  if (complaint_ || !table_) return nullptr;
  const auto found = std::find_if(table_->begin(), table_->end(), [&](const auto& entry) { return entry.key == key; });
  return found == table_->end() ? nullptr : &*found;
}

void TableReader::note(const ConfigEntry& entry, Complaint complaint) {
  // Only the first complaint is told. A complaint about a nested value comes with its key and place from inside; this
  // level puts its own key in front.
  if (!complaint || complaint_) return;
  complaint_ = std::move(complaint);
  if (!complaint_->of_key) complaint_->key = complaint_->key.empty() ? entry.key : entry.key + "." + complaint_->key;
  if (complaint_->line) return;
  complaint_->line = entry.value.line;
  complaint_->column = entry.value.column;
}

// Keys that maybe() has asked for belong to the table itself, even if an option has the same name.
TableReader& TableReader::take(bool (*wanted)(std::string_view), ConfigTable& out) {
  for (std::size_t i = 0; table_ && i < table_->size(); ++i) {
    const ConfigEntry& entry = (*table_)[i];
    if (!wanted(entry.key) || std::find(asked_.begin(), asked_.end(), entry.key) != asked_.end()) continue;
    asked_.push_back(entry.key);
    out.push_back(entry);
  }
  return *this;
}

TableReader& TableReader::complain(std::string_view key, std::string what) {
  if (complaint_ || !table_) return *this;
  for (const ConfigEntry& entry : *table_) {
    if (entry.key == key) note(entry, Problem(std::move(what)));
  }
  return *this;
}

Complaint TableReader::finish() {
  if (complaint_ || !table_) return complaint_;
  // Unknown keys come last: where a value is wrong as well, that is the more precise complaint.
  const std::vector<std::string_view> known(asked_.begin(), asked_.end());
  for (const ConfigEntry& entry : *table_) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    Problem problem("unknown key '" + entry.key + "'" + did_you_mean(entry.key, known));
    problem.of_key = true;
    problem.line = entry.line;
    problem.column = entry.column;
    return problem;
  }
  return {};
}

Complaint read_variable(const std::string& name, const ConfigValue& value, std::string& out) {
  const auto* text = std::get_if<std::string>(&value.data);
  if (!text) return wrong_type(value, "a string");
  // environ(7): a name ends at the first "=", and a zero byte would end both.
  if (name.empty() || name.find_first_of(std::string_view("=\0", 2)) != std::string::npos ||
      text->find('\0') != std::string::npos)
    return "is no name and value of an environment variable";
  out = *text;
  return {};
}

}  // namespace trun
