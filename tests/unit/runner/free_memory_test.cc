#include "runner/kernel/free_memory.h"

#include <gtest/gtest.h>

#include "tests/unit/temporary_tree.h"

namespace trun {
namespace {

class FreeMemoryTest : public testing::Test {
 protected:
  std::uint64_t megabytes() const { return free_memory(tree_.path("")) >> 20; }
  void group(const std::string& folder, int limit, int used, int cached) const {
    const auto bytes = [](int mb) { return std::to_string(static_cast<std::uint64_t>(mb) << 20) + "\n"; };
    tree_.write(folder + "/memory.max", bytes(limit));
    tree_.write(folder + "/memory.current", bytes(used));
    tree_.write(folder + "/memory.stat", "anon 1\ninactive_file " + bytes(cached));
  }

  TemporaryTree tree_;
};

TEST_F(FreeMemoryTest, NobodyKnows) { EXPECT_EQ(free_memory(tree_.path("")), 0u); }

TEST_F(FreeMemoryTest, WhatTheMachineCanSpare) {
  tree_.write("proc/meminfo", "MemTotal: 9999999 kB\nMemFree:  1 kB\nMemAvailable:  2048000 kB\n");
  EXPECT_EQ(megabytes(), 2000u);
}

TEST_F(FreeMemoryTest, TheTightestGroupAboveCountsLessWhatItOnlyCaches) {
  tree_.write("proc/meminfo", "MemAvailable:  20480000 kB\n");
  tree_.write("proc/self/cgroup", "0::/box/inner\n");
  tree_.write("sys/fs/cgroup/box/inner/memory.max", "max\n");
  tree_.write("sys/fs/cgroup/box/inner/memory.current", "1048576\n");
  EXPECT_EQ(megabytes(), 20000u);
  group("sys/fs/cgroup/box", 1000, 700, 200);
  EXPECT_EQ(megabytes(), 500u);
}

TEST_F(FreeMemoryTest, GroupsOfTheFirstVersion) {
  tree_.write("proc/self/cgroup", "5:cpu:/x\n4:memory:/box\n");
  tree_.write("sys/fs/cgroup/memory/box/memory.limit_in_bytes", "1048576000\n");
  tree_.write("sys/fs/cgroup/memory/box/memory.usage_in_bytes", "524288000\n");
  EXPECT_EQ(megabytes(), 500u);
}

TEST_F(FreeMemoryTest, AFullGroupIsNotAnUnknownOne) {
  tree_.write("proc/self/cgroup", "0::/box\n");
  group("sys/fs/cgroup/box", 100, 120, 0);
  EXPECT_EQ(free_memory(tree_.path("")), 1u);
}

}  // namespace
}  // namespace trun
