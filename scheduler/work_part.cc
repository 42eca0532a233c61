#include "scheduler/work_part.h"

#include <string>
#include <unordered_map>

namespace trun {
namespace {

// What items of one unit have in common. Keys of different kinds must not meet: a group may be called like a file.
std::string unit_key(const TestItem& item, bool whole_files, SchedulerOptions::Affinity affinity) {
  using Affinity = SchedulerOptions::Affinity;
  std::string key;
  if (!whole_files && affinity == Affinity::scope) return key.append("s").append(scope_of(item.id));
  if (!whole_files && affinity == Affinity::group && !item.group.empty()) return key.append("g").append(item.group);
  return key.append("f").append(std::to_string(item.file));
}

bool is_sticky(const TestItem& item, const SchedulerOptions& options) {
  using Affinity = SchedulerOptions::Affinity;
  if (options.in_order || options.sharded) return true;
  return options.affinity == Affinity::file || options.affinity == Affinity::scope ||
         (options.affinity == Affinity::group && !item.group.empty());
}

std::vector<std::uint32_t> scopes(const std::vector<TestItem>& items) {
  std::vector<std::uint32_t> numbers(items.size());
  for (std::size_t i = 1; i < items.size(); ++i) {
    numbers[i] = numbers[i - 1] + (scope_of(items[i].id) != scope_of(items[i - 1].id));
  }
  return numbers;
}

}  // namespace

std::string_view scope_of(std::string_view node_id) {
  const std::size_t path = node_path(node_id).size();
  const std::size_t last = node_id.substr(0, node_id.find('[', path)).rfind("::");
  return last == std::string_view::npos ? node_id : node_id.substr(0, last);
}

Partition partition(const Collection& collection, const SchedulerOptions& options) {
  Partition result;
  result.unit.resize(collection.items.size());
  result.scope = scopes(collection.items);
  std::unordered_map<std::string, std::uint32_t> numbers;
  const bool runs = options.in_order && !options.sharded;
  for (ItemIndex i = 0; i < collection.items.size(); ++i) {
    const TestItem& item = collection.items[i];
    // In collection order a file whose tests do not stand together is several units.
    if (runs && i > 0 && item.file != collection.items[i - 1].file) numbers.clear();
    const std::string key = unit_key(item, options.sharded || runs, options.affinity);
    const auto [at, is_new] = numbers.try_emplace(key, static_cast<std::uint32_t>(result.units.size()));
    if (is_new) {
      result.units.emplace_back();
      result.sticky.push_back(is_sticky(item, options));
    }
    result.unit[i] = at->second;
    result.units[at->second].push_back(i);
  }
  return result;
}

}  // namespace trun
