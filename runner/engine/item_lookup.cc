#include "runner/engine/item_lookup.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>

namespace trun {

std::vector<ItemIndex> ItemLookup::items_of(const Collected& frame) {
  if (first_.empty()) {
    first_.reserve(collection_.items.size());
    for (ItemIndex i = 0; i < collection_.items.size(); ++i) {
      const std::string& id = collection_.items[i].id;
      if (!first_.emplace(id, i).second) further_[id].push_back(i);
    }
  }
  std::vector<ItemIndex> found;
  std::unordered_map<std::string_view, std::size_t> seen;  // of ids that several items have
  for (const CollectedItem& item : frame.items) {
    const auto known = first_.find(item.node_id);
    if (known == first_.end()) continue;
    const auto more = further_.find(item.node_id);
    const std::size_t before = more == further_.end() ? 0 : seen[more->first]++;
    if (before == 0)
      found.push_back(known->second);
    else if (before <= more->second.size())
      found.push_back(more->second[before - 1]);
  }
  return found;
}

// By file, since an id begins with its file: a table of all ids would take more memory than it has to find, and of a
// million more time than any other step of putting a collection together.
void find_repeats(Collection& collection) {
  std::vector<std::pair<std::size_t, ItemIndex>> hashes;
  for (const TestFile& file : collection.files) {
    hashes.clear();
    for (const ItemIndex item : file.items) {
      hashes.emplace_back(std::hash<std::string_view>()(collection.items[item].id), item);
    }
    std::sort(hashes.begin(), hashes.end());
    // Items of one hash stand together, in collection order; mostly it is one.
    for (auto begin = hashes.begin(); begin != hashes.end();) {
      const auto end = std::find_if(begin, hashes.end(), [&](const auto& each) { return each.first != begin->first; });
      for (auto at = begin + 1; at < end; ++at) {
        const auto same = std::count_if(begin, at, [&](const auto& each) {
          return collection.items[each.second].id == collection.items[at->second].id;
        });
        if (same > 0) collection.repeats.emplace(at->second, static_cast<unsigned>(same));
      }
      begin = end;
    }
  }
}

}  // namespace trun
