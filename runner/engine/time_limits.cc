#include "runner/engine/time_limits.h"

#include "runner/config/test_rules.h"

namespace trun {

std::optional<Duration> told_timeout(const Config& config) {
  return config.origin("timeout").source == Origin::Source::command_line ? config.timeout : std::nullopt;
}

void limit_items(const Config& config, const Configured& pytest, Gathered& gathered) {
  const bool is_plugins = pytest.timeout_plugin && told_timeout(config);
  const auto behind = [&](Duration limit) { return limit > Duration{0} ? limit + *config.grace : limit; };
  std::vector<TestItem>& items = gathered.collection.items;
  // Markers before the rules: they are the plugin's as well, and get the grace. What has no limit after the rules has
  // --timeout, the plugin's again.
  for (TestItem& item : items)
    if (is_plugins && item.timeout) item.timeout = behind(*item.timeout);
  apply_rules(config.rules(), gathered.default_timeout, gathered.collection);
  for (TestItem& item : items)
    if (is_plugins && !item.timeout) item.timeout = behind(*config.timeout);
}

}  // namespace trun
