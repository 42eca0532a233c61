// Demands for the scheduler's tests, as a user writes them: "gpu:2 read:db serial".
#pragma once

#include <sstream>
#include <string>

#include "runner/base/test_item.h"
#include "scheduler/demand_kinds.h"

namespace trun {

inline TestDemands demands_of(const std::string& words) {
  TestDemands demands;
  std::istringstream in(words);
  for (std::string word; in >> word;) {
    if (word == "serial")
      demands.serial = true;
    else
      demands.resources.push_back(parse_demand(word).value());
  }
  return demands;
}

/// A test for each of `texts`, in one file, that demands that.
inline Collection demanding(const std::vector<std::string>& texts) {
  Collection collection;
  collection.files.push_back({"a.py", {}});
  for (const std::string& text : texts) {
    TestItem item;
    item.id = "a.py::test_" + std::to_string(collection.items.size());
    item.demands = demands_of(text);
    collection.files[0].items.push_back(static_cast<ItemIndex>(collection.items.size()));
    collection.items.push_back(std::move(item));
  }
  return collection;
}

}  // namespace trun
