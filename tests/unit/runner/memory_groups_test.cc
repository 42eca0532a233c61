#include "runner/containment/memory_groups.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/unit/runner/kernel_helpers.h"
#include "tests/unit/temporary_tree.h"

namespace trun {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLimit = 64u << 20;

std::string text_in(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

/// A machine made of files, where what is written stays as it was written.
class MemoryGroupsTest : public testing::Test {
 protected:
  void version_2() {
    tree_.write("proc/self/mountinfo", "36 25 0:31 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n");
    tree_.write("proc/self/cgroup", "0::/user/app/shell\n");
    tree_.write("sys/fs/cgroup/user/app/shell/cgroup.subtree_control", "");
    tree_.write("sys/fs/cgroup/user/app/cgroup.subtree_control", "pids memory\n");
    tree_.write("sys/fs/cgroup/user/cgroup.subtree_control", "cpu memory pids\n");
  }
  void version_1(const std::string& begins_at = "/") {
    tree_.write("proc/self/mountinfo", "30 25 0:26 " + begins_at +
                                           " /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
                                           "31 25 0:27 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
                                           "36 25 0:31 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
    tree_.write("proc/self/cgroup", "4:memory:/box/x\n1:cpu:/y\n0::/\n");
    tree_.write("sys/fs/cgroup/unified/cgroup.subtree_control", "");
  }
  std::string root() const { return tree_.path(""); }
  std::string text(const MemoryGroups& groups, const std::string& file) const {
    return text_in(groups.folder() + "/gw0/" + file);
  }
  void say(const MemoryGroups& groups, const std::string& file, const std::string& text) const {
    std::ofstream(groups.folder() + "/gw0/" + file) << text;
  }

  TemporaryTree tree_;
};

TEST_F(MemoryGroupsTest, TheNearestGroupThatGivesMemoryIsTheParent) {
  version_2();
  const auto groups = MemoryGroups::make(kLimit, root());
  ASSERT_TRUE(groups.ok()) << groups.error().message;
  EXPECT_EQ(fs::path(groups->folder()).parent_path(), tree_.path("sys/fs/cgroup/user/app"));
  EXPECT_EQ(text_in(groups->folder() + "/cgroup.subtree_control"), "+memory");
  const auto group = groups->add("gw0", 4711);
  ASSERT_TRUE(group.ok()) << group.error().message;
  EXPECT_EQ(text(*groups, "memory.max"), "67108864");
  EXPECT_EQ(text(*groups, "memory.oom.group"), "1");
  EXPECT_EQ(text(*groups, "cgroup.procs"), "4711");
}

TEST_F(MemoryGroupsTest, TheKernelsKillIsSeenInVersion2) {
  version_2();
  const auto groups = MemoryGroups::make(kLimit, root());
  const auto group = groups->add("gw0", 4711);
  EXPECT_FALSE(group->exhausted());
  say(*groups, "memory.events", "low 0\nhigh 0\nmax 9\noom 1\noom_kill 0\n");
  EXPECT_FALSE(group->exhausted()) << "it was reclaimed";
  say(*groups, "memory.events", "low 0\nhigh 0\nmax 9\noom 1\noom_kill 2\noom_group_kill 1\n");
  EXPECT_TRUE(group->exhausted());
  say(*groups, "memory.peak", "67104768\n");
  EXPECT_EQ(group->peak(), 67104768u);
}

TEST_F(MemoryGroupsTest, WhereVersion2GivesNoneVersion1Does) {
  version_1();
  fs::create_directories(tree_.path("sys/fs/cgroup/memory/box/x"));
  const auto groups = MemoryGroups::make(kLimit, root());
  ASSERT_TRUE(groups.ok()) << groups.error().message;
  EXPECT_EQ(fs::path(groups->folder()).parent_path(), tree_.path("sys/fs/cgroup/memory/box/x"));
  const auto group = groups->add("gw0", 4711);
  ASSERT_TRUE(group.ok()) << group.error().message;
  EXPECT_EQ(text(*groups, "memory.limit_in_bytes"), "67108864");
  EXPECT_EQ(text(*groups, "cgroup.procs"), "4711");
  say(*groups, "memory.oom_control", "oom_kill_disable 1\nunder_oom 0\noom_kill 0\n");
  EXPECT_FALSE(group->exhausted());
  say(*groups, "memory.oom_control", "oom_kill_disable 1\nunder_oom 1\noom_kill 0\n");
  EXPECT_TRUE(group->exhausted());
}

TEST_F(MemoryGroupsTest, AMountMayBeginAtAContainersGroup) {
  version_1("/box");
  fs::create_directories(tree_.path("sys/fs/cgroup/memory/x"));
  const auto groups = MemoryGroups::make(kLimit, root());
  ASSERT_TRUE(groups.ok()) << groups.error().message;
  EXPECT_EQ(fs::path(groups->folder()).parent_path(), tree_.path("sys/fs/cgroup/memory/x"));
}

TEST_F(MemoryGroupsTest, AMachineThatGivesNoneSaysSo) {
  version_1();  // a hierarchy that is mounted elsewhere
  const auto groups = MemoryGroups::make(kLimit, root());
  ASSERT_FALSE(groups.ok());
  EXPECT_NE(groups.error().message.find("cgroup.subtree_control"), std::string::npos);
}

TEST_F(MemoryGroupsTest, WhatCannotBeSetIsAnErrorAndLeavesNothing) {
  version_2();
  const auto groups = MemoryGroups::make(kLimit, root());
  ASSERT_TRUE(groups.ok());
  fs::remove_all(groups->folder());
  EXPECT_FALSE(groups->add("gw0", 4711).ok());
}

TEST_F(MemoryGroupsTest, WithoutTheKernelsKillProcessesAreEndedOneByOne) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::pause();
    ::_exit(0);
  }
  tree_.write("group/below/cgroup.procs", std::to_string(child) + "\n");
  tree_.write("group/cgroup.procs", "");
  EXPECT_TRUE(Cgroup(tree_.path("group")).kill().ok());
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

}  // namespace
}  // namespace trun
