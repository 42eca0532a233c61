#include "runner/config/test_rules.h"

#include <algorithm>
#include <set>

#include "collectors/glob.h"
#include "runner/config/config_table.h"

namespace trun {

Complaint parse(const ConfigValue& value, std::optional<Isolation>& out) {
  Isolation isolation{};
  if (Complaint complaint = parse(value, isolation)) return complaint;
  out = isolation;
  return {};
}

Complaint parse(const ConfigValue& value, std::vector<ResourceDemand>& out) {
  std::vector<std::string> texts;
  if (Complaint complaint = parse(value, texts)) return complaint;
  for (const std::string& text : texts) {
    const auto demand = parse_demand(text);
    if (!demand) return "invalid value '" + text + "' (allowed: NAME, NAME:UNITS, read:NAME, write:NAME)";
    out.push_back(*demand);
  }
  return {};
}

namespace {

Complaint parse_rule(const ConfigValue& value, TestRule& rule) {
  TableReader table(value);
  table.maybe("paths", rule.paths).maybe("markers", rule.markers).maybe("ids", rule.ids);
  table.maybe("timeout", rule.timeout).maybe("isolate", rule.isolate).maybe("resources", rule.resources);
  table.maybe("serial", rule.serial).maybe("services", rule.services);
  if (Complaint complaint = table.finish()) return complaint;
  if (rule.paths.empty() && rule.markers.empty() && rule.ids.empty())
    return "selects nothing: give it paths, markers or ids";
  return {};
}

/// Where pytest-timeout is active its marker is left to it, and no limit comes with the item.
constexpr const char* kTimeoutMarker = "timeout";

bool has_mark(const TestItem& item, std::string_view name) {
  return std::find(item.marks.begin(), item.marks.end(), name) != item.marks.end();
}

/// "tests/api" selects what is below it; a pattern may match the whole path or, without a slash, the file's name.
bool matches_path(const std::string& pattern, std::string_view path) {
  std::string_view folder = pattern;
  while (folder.size() > 1 && folder.back() == '/') folder.remove_suffix(1);
  if (path == folder) return true;
  if (path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/') return true;
  if (pattern.find('/') != std::string::npos) return fnmatch(path, pattern);
  return fnmatch(path.substr(path.rfind('/') + 1), pattern);
}

template <typename Matches>
// A kind of selector that the rule does not have selects every test.
bool any(const std::vector<std::string>& patterns, const Matches& matches) {
  return patterns.empty() || std::any_of(patterns.begin(), patterns.end(), matches);
}

template <typename T>
void add_up(std::vector<T>& to, const std::vector<T>& from) {
  for (const T& each : from) {
    if (std::find(to.begin(), to.end(), each) == to.end()) to.push_back(each);
  }
}

void apply(const TestRule& rule, bool own_timeout, bool own_isolation, TestItem& item) {
  // Scalars are overwritten, so the last rule counts; demands add up.
  if (rule.timeout && !own_timeout) item.timeout = rule.timeout;
  if (rule.isolate && !own_isolation) item.demands.isolate = rule.isolate;
  if (rule.serial) item.demands.serial |= *rule.serial;
  add_up(item.demands.resources, rule.resources);
  add_up(item.demands.services, rule.services);
}

}  // namespace

Complaint parse_categories(const ConfigValue& value, std::vector<TestRule>& out) {
  return read_names(value, [&](const std::string& name, const ConfigValue& table) {
    TestRule& rule = out.emplace_back();
    rule.name = name;
    return parse_rule(table, rule);
  });
}

Complaint parse_overrides(const ConfigValue& value, std::vector<TestRule>& out) {
  const auto* array = std::get_if<ConfigArray>(&value.data);
  if (!array) return wrong_type(value, "an array of tables: [[overrides]]");
  for (const ConfigValue& table : *array) {
    Complaint complaint = parse_rule(table, out.emplace_back());
    if (!complaint) continue;
    // The complaint about the whole table has no place of its own yet.
    if (!complaint->line) {
      complaint->line = table.line;
      complaint->column = table.column;
    }
    return complaint;
  }
  return {};
}

Complaint parse_resources(const ConfigValue& value, ResourceCapacities& out) {
  return read_names(value, [&](const std::string& name, const ConfigValue& units) -> Complaint {
    // The name must be one that a demand can name: "gpu:2" would be read as two units of gpu.
    const auto demand = parse_demand(name);
    if (!demand || demand->name != name) return "a resource's name has letters, digits, '_', '-' and '.' only";
    std::optional<unsigned> count;
    if (Complaint complaint = parse(units, count)) return complaint;
    if (*count == 0) return "invalid value 0 (allowed: a whole number from 1)";
    out[name] = *count;
    return {};
  });
}

std::vector<std::string> selecting_markers(const std::vector<TestRule>& rules) {
  std::set<std::string> names;
  for (const TestRule& rule : rules) {
    names.insert(rule.markers.begin(), rule.markers.end());
    // Workers report only the markers that are asked for. This one is asked for because a rule sets no limit for a test
    // that has it.
    if (rule.timeout) names.insert(kTimeoutMarker);
  }
  return {names.begin(), names.end()};
}

bool selects(const TestRule& rule, const TestItem& item) {
  const std::string_view path = node_path(item.id);
  return any(rule.paths, [&](const std::string& pattern) { return matches_path(pattern, path); }) &&
         any(rule.ids, [&](const std::string& pattern) { return fnmatch(item.id, pattern); }) &&
         any(rule.markers, [&](const std::string& name) { return has_mark(item, name); });
}

void apply_rules(const std::vector<TestRule>& rules, std::optional<Duration> default_timeout, Collection& collection) {
  if (rules.empty() && !default_timeout) return;
  for (TestItem& item : collection.items) {
    // Asked before any rule is applied, because rules write into the same members.
    const bool own_timeout = item.timeout || has_mark(item, kTimeoutMarker),
               own_isolation = item.demands.isolate.has_value();
    for (const TestRule& rule : rules) {
      if (selects(rule, item)) apply(rule, own_timeout, own_isolation, item);
    }
    // Last, so it counts only where neither marker nor rule says anything.
    if (!item.timeout) item.timeout = default_timeout;
  }
}

}  // namespace trun
