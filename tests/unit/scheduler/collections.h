// Small collections for the scheduler's tests: "a:3 b:2" is three tests in a.py, then two in b.py.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "runner/base/test_item.h"
#include "scheduler/scheduler.h"

namespace trun {

inline void add_item(Collection& collection, FileIndex file, const std::string& name, const std::string& group = {}) {
  TestItem item;
  item.id = collection.files[file].path + "::" + name;
  item.file = file;
  item.group = group;
  collection.files[file].items.push_back(static_cast<ItemIndex>(collection.items.size()));
  collection.items.push_back(std::move(item));
}

inline FileIndex add_file(Collection& collection, const std::string& path) {
  collection.files.push_back({path, {}});
  return static_cast<FileIndex>(collection.files.size() - 1);
}

inline Collection collection_of(const std::string& words) {
  Collection collection;
  std::istringstream in(words);
  for (std::string word; in >> word;) {
    const std::size_t colon = word.find(':');
    const FileIndex file = add_file(collection, word.substr(0, colon) + ".py");
    const int count = std::stoi(word.substr(colon + 1));
    for (int i = 0; i < count; ++i) add_item(collection, file, "test_" + std::to_string(i));
  }
  return collection;
}

inline TestResult passed(ItemIndex item, Slot slot, Duration took = std::chrono::milliseconds(1)) {
  TestResult result;
  result.item = item;
  result.slot = slot;
  result.outcome = outcome::Passed{};
  result.call = took;
  return result;
}

inline TestResult failed(ItemIndex item, Slot slot, std::vector<std::string> phases = {"call"}) {
  TestResult result = passed(item, slot);
  result.outcome = outcome::Failed{};
  for (const std::string& when : phases) {
    PhaseReport report;
    report.when = when;
    report.outcome = "failed";
    report.category = "failed";
    result.reports.push_back(report);
  }
  return result;
}

}  // namespace trun
