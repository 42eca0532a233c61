#include "scheduler/work_part.h"

#include <algorithm>
#include <string>
#include <unordered_map>

namespace trun {
namespace {

// What items of one unit have in common. Keys of different kinds must not meet: a group may be called like a file.
std::string unit_key(const TestItem& item, bool whole_files, SchedulerOptions::Affinity affinity, Isolation isolation) {
  using Affinity = SchedulerOptions::Affinity;
  std::string key;
  // Tests that need processes of their own may go anywhere, where nothing keeps them with their file.
  const bool free = affinity == Affinity::item || (affinity == Affinity::group && item.group.empty());
  // One unit for all isolated tests of a file: each test is a cell of its own, so a chunk never holds two of them.
  if (!whole_files && free && isolation == Isolation::test) {
    return key.append("i").append(std::to_string(item.file));
  }
  if (!whole_files && affinity == Affinity::scope) return key.append("s").append(scope_of(item.id));
  if (!whole_files && affinity == Affinity::group && !item.group.empty()) return key.append("g").append(item.group);
  return key.append("f").append(std::to_string(item.file));
}

bool is_sticky(const TestItem& item, const SchedulerOptions& options, Isolation isolation) {
  using Affinity = SchedulerOptions::Affinity;
  // In order nothing moves; sharded, another worker would have to collect the file first; an isolated file has one
  // process.
  if (options.in_order || options.sharded || isolation == Isolation::file) return true;
  return options.affinity == Affinity::file || options.affinity == Affinity::scope ||
         (options.affinity == Affinity::group && !item.group.empty());
}

/// Whether tests of one file may be taken apart by what they demand.
bool splits(const TestItem& item, const SchedulerOptions& options, Isolation isolation) {
  using Affinity = SchedulerOptions::Affinity;
  if (options.in_order || isolation == Isolation::file) return false;
  return options.affinity == Affinity::item || (options.affinity == Affinity::group && item.group.empty());
}

std::vector<std::uint32_t> scopes(const std::vector<TestItem>& items) {
  std::vector<std::uint32_t> numbers(items.size());
  for (std::size_t i = 1; i < items.size(); ++i) {
    // A class that is left and entered again gets a second number: only neighbours are compared.
    numbers[i] = numbers[i - 1] + (scope_of(items[i].id) != scope_of(items[i - 1].id));
  }
  return numbers;
}

/// By item; empty if nobody is isolated. A file that one of its tests wants isolated is so for all of them.
std::vector<Isolation> isolations(const Collection& collection, const SchedulerOptions& options) {
  const auto wanted = [&](const TestItem& item) { return item.demands.isolate.value_or(options.isolation); };
  const auto& items = collection.items;
  if (std::all_of(items.begin(), items.end(), [&](const auto& item) { return wanted(item) == Isolation::none; })) {
    return {};
  }
  std::vector<Isolation> all;
  for (const TestItem& item : items) all.push_back(wanted(item));
  for (const TestFile& file : collection.files) {
    const auto whole = [&](ItemIndex item) { return all[item] == Isolation::file; };
    if (std::none_of(file.items.begin(), file.items.end(), whole)) continue;
    // `test` is more than `file`: a test that has a process of its own keeps it.
    for (const ItemIndex item : file.items) all[item] = std::max(all[item], Isolation::file);
  }
  return all;
}

std::vector<std::uint32_t> cells(const Collection& collection, const std::vector<Isolation>& isolation) {
  std::vector<std::uint32_t> numbers(isolation.size());
  // A number for each file, then one for each test.
  const auto files = static_cast<std::uint32_t>(collection.files.size());
  for (ItemIndex i = 0; i < isolation.size(); ++i) {
    if (isolation[i] == Isolation::file) numbers[i] = 1 + collection.items[i].file;
    if (isolation[i] == Isolation::test) numbers[i] = 1 + files + i;
  }
  return numbers;
}

}  // namespace

std::string_view scope_of(std::string_view node_id) {
  const std::size_t path = node_path(node_id).size();
  // Parameters may hold "::", so only the text in front of their bracket counts.
  const std::size_t last = node_id.substr(0, node_id.find('[', path)).rfind("::");
  return last == std::string_view::npos ? node_id : node_id.substr(0, last);
}

Partition partition(const Collection& collection, const SchedulerOptions& options, const DemandKinds& kinds) {
  Partition result;
  result.unit.resize(collection.items.size());
  result.scope = scopes(collection.items);
  const std::vector<Isolation> isolation = isolations(collection, options);
  result.cell = cells(collection, isolation);
  for (ItemIndex i = 0; i < collection.items.size() && kinds.any(); ++i) result.kind.push_back(kinds.of(i));
  std::unordered_map<std::string, std::uint32_t> numbers;
  const bool runs = options.in_order && !options.sharded;
  // A file in a process of its own is in one piece, whatever its classes.
  std::vector<bool> whole(collection.files.size(), options.sharded || runs);
  for (ItemIndex i = 0; i < isolation.size() && options.affinity == SchedulerOptions::Affinity::scope; ++i) {
    if (isolation[i] == Isolation::file) whole[collection.items[i].file] = true;
  }
  for (ItemIndex i = 0; i < collection.items.size(); ++i) {
    const TestItem& item = collection.items[i];
    // In collection order a file whose tests do not stand together is several units.
    if (runs && i > 0 && item.file != collection.items[i - 1].file) numbers.clear();
    const Isolation isolated = isolation.empty() ? Isolation::none : isolation[i];
    // It stays out of all units; nobody asks for its number.
    if (kinds.is_impossible(i)) continue;
    std::string key = unit_key(item, whole[item.file], options.affinity, isolated);
    // Its own unit by kind: tests of the file that demand nothing need not wait behind it.
    if (kinds.of(i) != 0 && splits(item, options, isolated)) key += "k" + std::to_string(kinds.of(i));
    const auto [at, is_new] = numbers.try_emplace(key, static_cast<std::uint32_t>(result.units.size()));
    if (is_new) {
      result.units.emplace_back();
      result.sticky.push_back(is_sticky(item, options, isolated));
      result.divisible.push_back(true);
    }
    // One test that must stay is enough to keep its unit whole.
    if (kinds.of(i) != 0 || !splits(item, options, isolated)) result.divisible[at->second] = false;
    result.unit[i] = at->second;
    result.units[at->second].push_back(i);
  }
  return result;
}

}  // namespace trun
