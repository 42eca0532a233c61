// ItemLookup: which items of the collection a process means that has collected some of it again.
#pragma once

#include <string_view>
#include <unordered_map>
#include <vector>

#include "runner/base/test_item.h"
#include "runner/wire/protocol.h"

namespace trun {

/// The table is made when it is first asked for: most runs have no such process.
class ItemLookup {
 public:
  /// REQUIRES: `collection` outlives it, and does not change once it was asked.
  explicit ItemLookup(const Collection& collection) : collection_(collection) {}

  /// The items of a `collected` frame by index; what is not in the collection is left out. Of several items with one id
  /// the first in the frame is the first in the collection, and so on.
  std::vector<ItemIndex> items_of(const Collected& frame);

 private:
  const Collection& collection_;
  std::unordered_map<std::string_view, ItemIndex> first_;
  /// Of ids that several items have: the others, in collection order.
  std::unordered_map<std::string_view, std::vector<ItemIndex>> further_;
};

/// Into Collection::repeats: how many items before have the same id. REQUIRES: each file knows its items, in order.
void find_repeats(Collection& collection);

}  // namespace trun
