#include "runner/engine/merge.h"

#include <gtest/gtest.h>

#include <memory>

#include "runner/engine/item_lookup.h"

namespace trun {
namespace {

/// A worker that has collected these.
std::unique_ptr<WorkerProcess> collected(Slot slot, const std::vector<std::string>& ids) {
  auto worker = std::make_unique<WorkerProcess>();
  worker->slot = slot;
  worker->collection.emplace();
  for (const std::string& id : ids) {
    CollectedItem& item = worker->collection->items.emplace_back();
    item.node_id = id;
  }
  return worker;
}

Discovery found(const std::vector<std::string>& paths) {
  Discovery discovery;
  for (const std::string& path : paths) discovery.files.emplace_back().path = "/root/" + path;
  return discovery;
}

using Indices = std::vector<ItemIndex>;

std::vector<std::string> ids_of(const Collection& collection) {
  std::vector<std::string> ids;
  for (const TestItem& item : collection.items) ids.push_back(item.id);
  return ids;
}

TEST(MergeTest, ShardsStandInTheOrderOfTheWalkAndEachWorkerKnowsItsOwn) {
  Merge merge(CollectMode::sharded, found({"a.py", "b.py", "c.py", "d.py"}), "/root");
  const auto one = collected(0, {"b.py::x", "b.py::y", "d.py::x"}), two = collected(1, {"c.py::x", "a.py::x"});
  merge.expect(5);
  merge.add(*one);
  merge.add(*two);
  EXPECT_EQ(merge.again(), std::nullopt);
  const Gathered all = merge.take();
  EXPECT_EQ(ids_of(all.collection), (std::vector<std::string>{"a.py::x", "b.py::x", "b.py::y", "c.py::x", "d.py::x"}));
  EXPECT_EQ(one->items, (std::vector<ItemIndex>{1, 2, 4}));
  EXPECT_EQ(two->items, (std::vector<ItemIndex>{3, 0}));
  EXPECT_TRUE(one->collection->items.empty()) << "they are kept once";
  ASSERT_EQ(all.collection.files.size(), 4u);
  EXPECT_EQ(all.collection.files[1].items, (std::vector<ItemIndex>{1, 2}));
}

TEST(MergeTest, AReplacementsItemsAreFoundByName) {
  Merge merge(CollectMode::sharded, found({"a.py"}), "/root");
  const auto first = collected(0, {"a.py::x", "a.py::y"});
  merge.add(*first);
  const Gathered made = merge.take();
  ItemLookup lookup(made.collection);
  EXPECT_EQ(lookup.items_of(*collected(0, {"a.py::y", "a.py::new", "a.py::x"})->collection), (Indices{1, 0}));
  EXPECT_EQ(lookup.items_of(*collected(0, {"a.py::x"})->collection), (Indices{0}));
}

// pytest joins parameters by "-": ("x-1", "2") and ("x", "1-2") have one id.
TEST(MergeTest, ItemsOfOneIdAreToldApartByTheirOrder) {
  Merge merge(CollectMode::sharded, found({"a.py"}), "/root");
  const auto first =
      collected(0, {"a.py::t[x-1-2]", "a.py::u", "a.py::v", "a.py::u", "a.py::t[x-1-2]", "a.py::t[x-1-2]"});
  merge.add(*first);
  const Gathered made = merge.take();
  using Repeats = std::unordered_map<ItemIndex, unsigned>;
  EXPECT_EQ(made.collection.repeats, (Repeats{{3, 1}, {4, 1}, {5, 2}}));
  const auto again = collected(0, {"a.py::u", "a.py::t[x-1-2]", "a.py::t[x-1-2]", "a.py::t[x-1-2]", "a.py::t[x-1-2]"});
  EXPECT_EQ(ItemLookup(made.collection).items_of(*again->collection), (Indices{1, 0, 4, 5}));
}

TEST(MergeTest, AFileThatNobodyForesawStandsBehindTheLastThatSortsBeforeIt) {
  Merge merge(CollectMode::sharded, found({"z/a.py", "b.py", "d.py"}), "/root");  // as the arguments name them
  const auto worker = collected(0, {"d.py::x", "b.py::x", "c.yaml::x", "z/a.py::x", "0.yaml::x", "z/b.yaml::x"});
  merge.add(*worker);
  EXPECT_EQ(ids_of(merge.take().collection),
            (std::vector<std::string>{"0.yaml::x", "z/a.py::x", "b.py::x", "c.yaml::x", "d.py::x", "z/b.yaml::x"}));
}

TEST(MergeTest, ScatteredTestsOfAFileAreForTheWholeCollectionToOrder) {
  Merge merge(CollectMode::sharded, found({"a.py", "b.py"}), "/root");
  const auto worker = collected(0, {"a.py::x", "b.py::x", "a.py::y"});
  merge.add(*worker);
  EXPECT_EQ(merge.again(), "the tests of a.py do not stand together");
}

TEST(MergeTest, CopiesAreComparedAndNotKept) {
  Merge merge(CollectMode::each, found({"a.py"}), "/root");
  const auto one = collected(0, {"a.py::x", "a.py::y"}), two = collected(1, {"a.py::y", "a.py::x"});
  merge.add(*one);
  merge.add(*two);
  const Gathered all = merge.take();
  EXPECT_EQ(ids_of(all.collection), (std::vector<std::string>{"a.py::x", "a.py::y"}));
  EXPECT_EQ(all.errors, 1u);
  EXPECT_TRUE(two->collection->items.empty());
}

}  // namespace
}  // namespace trun
