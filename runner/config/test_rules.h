// Test rules: what [categories] and [[overrides]] in trun.toml say of the tests that they select: time limits,
// isolation, resources, services. Applied once, to the complete collection. A rule never decides whether a test runs.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runner/base/clock.h"
#include "runner/base/test_item.h"
#include "runner/config/config_value.h"

namespace trun {

struct TestRule {
  /// Of a category; empty for an override.
  std::string name;

  // Which tests: those that match every kind that is not empty, each by one of its patterns at least.
  std::vector<std::string> paths;    ///< of files or folders, relative to rootdir: "tests/api", "tests/*_slow.py"
  std::vector<std::string> markers;  ///< names of pytest markers
  std::vector<std::string> ids;      ///< node ids, with shell patterns

  // What of them.
  std::optional<Duration> timeout;  ///< zero: no limit
  std::optional<Isolation> isolate;
  std::vector<ResourceDemand> resources;
  std::optional<bool> serial;
  std::vector<std::string> services;
};

/// Units of each named resource: `[resources] gpu = 2`.
using ResourceCapacities = std::map<std::string, unsigned>;

/// [categories.NAME] tables, in the order of the file.
Complaint parse_categories(const ConfigValue& value, std::vector<TestRule>& out);
/// [[overrides]].
Complaint parse_overrides(const ConfigValue& value, std::vector<TestRule>& out);
/// [resources].
Complaint parse_resources(const ConfigValue& value, ResourceCapacities& out);

/// The markers that apply_rules() must know of.
std::vector<std::string> selecting_markers(const std::vector<TestRule>& rules);

/// Whether the rule selects the test.
bool selects(const TestRule& rule, const TestItem& item);

/// Fills in what rules say. Of scalars the test's own marker wins, then the last rule that has one; of resources and
/// services all add up. `default_timeout`: pytest-timeout's ini key, for tests that nothing else is said of.
void apply_rules(const std::vector<TestRule>& rules, std::optional<Duration> default_timeout, Collection& collection);

}  // namespace trun
