#include "runner/kernel/cgroup.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "runner/workers/oom_watch.h"
#include "tests/unit/runner/kernel_helpers.h"
#include "tests/unit/temporary_tree.h"

namespace trun {
namespace {

constexpr const char* kMounts =
    "30 25 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
    "36 25 0:31 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n";

/// A machine made of files.
class FakeMachine : public testing::Test {
 protected:
  void SetUp() override {
    tree_.write("proc/self/mountinfo", kMounts);
    tree_.write("proc/self/cgroup", "4:memory:/x\n0::/user/shell\n");
    tree_.write("proc/vmstat", "nr_free_pages 7\noom_kill 3\n");
    std::filesystem::create_directories(tree_.path("sys/fs/cgroup/user/shell"));
  }
  std::string root() const { return tree_.path(""); }
  void count(std::uint64_t kills) { tree_.write("proc/vmstat", "oom_kill " + std::to_string(kills) + "\n"); }

  TemporaryTree tree_;
};

using CgroupTest = FakeMachine;
using OomWatchTest = FakeMachine;

WorkerProcess killed_by(int signal) {
  WorkerProcess worker;
  worker.exited = posix::ExitStatus{true, signal, 300ull << 20, {}};
  return worker;
}

TEST_F(CgroupTest, FindsTheGroupBelowTheMount) {
  EXPECT_TRUE(own_cgroup(root()).value_or("").ends_with("/sys/fs/cgroup/user/shell"));
  tree_.write("proc/self/mountinfo", "30 25 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");
  EXPECT_EQ(own_cgroup(root()), std::nullopt);
}

TEST_F(CgroupTest, WithoutTheKernelsKillNothingIsMade) {
  const auto made = Cgroup::make(root());
  ASSERT_FALSE(made.ok());
  EXPECT_NE(made.error().message.find("5.14"), std::string::npos);
  EXPECT_TRUE(std::filesystem::is_empty(tree_.path("sys/fs/cgroup/user/shell")));
}

TEST_F(CgroupTest, NoHierarchyIsAnError) {
  tree_.write("proc/self/mountinfo", "");
  EXPECT_FALSE(Cgroup::make(root()).ok());
}

TEST_F(OomWatchTest, CountsOfTheOwnGroupWinOverTheMachines) {
  EXPECT_EQ(oom_kills(root()).count, 3u);
  EXPECT_FALSE(oom_kills(root()).own_group);
  tree_.write("sys/fs/cgroup/user/shell/memory.events", "low 0\noom 5\noom_kill 4\n");
  EXPECT_EQ(oom_kills(root()).count, 4u);
  EXPECT_TRUE(oom_kills(root()).own_group);
  tree_.write("proc/self/cgroup", "0::/user/shell/trun-1-2-3\n");
  EXPECT_EQ(oom_kills(root()).count, 4u) << "a group without the controller does not count; the one above it does";
}

TEST_F(CgroupTest, RemoveTakesWhatIsInIt) {
  const Cgroup group(tree_.path("sys/fs/cgroup/user/shell"));
  std::filesystem::create_directories(group.folder() + "/trun-1-2-3/trun-1-4-5");
  EXPECT_TRUE(group.remove());
}

TEST_F(OomWatchTest, AKillThatTheKernelCountsIsForWantOfMemory) {
  OomWatch watch(root());
  EXPECT_EQ(watch.evidence(killed_by(SIGKILL)), "") << "somebody's kill -9";
  count(4);
  EXPECT_EQ(watch.evidence(killed_by(SIGSEGV)), "");
  const std::string evidence = watch.evidence(killed_by(SIGKILL));
  EXPECT_NE(evidence.find("most likely"), std::string::npos) << evidence;
  EXPECT_NE(evidence.find("300 MB"), std::string::npos) << evidence;
  EXPECT_EQ(watch.evidence(killed_by(SIGKILL)), "") << "one kill explains one death";
}

TEST_F(OomWatchTest, OlderKillsSayNothing) {
  OomWatch watch(root());
  count(4);
  watch.tick(TimePoint(std::chrono::seconds(10)));
  watch.tick(TimePoint(std::chrono::seconds(11)));
  EXPECT_EQ(watch.evidence(killed_by(SIGKILL)), "");
}

// Seen with 200 MB on a busy machine: the count was taken anew between the kill and the end of the process.
TEST_F(OomWatchTest, AProcessMayBeAWhileInDying) {
  OomWatch watch(root());
  count(4);
  watch.tick(TimePoint(std::chrono::seconds(10)));
  EXPECT_NE(watch.evidence(killed_by(SIGKILL)), "");
  EXPECT_EQ(watch.evidence(killed_by(SIGKILL)), "") << "one kill explains one death";
  watch.tick(TimePoint(std::chrono::seconds(11)));
  EXPECT_EQ(watch.evidence(killed_by(SIGKILL)), "");
}

TEST_F(OomWatchTest, WhomTrunKilledTheKernelDidNot) {
  OomWatch watch(root());
  count(4);
  WorkerProcess worker = killed_by(SIGKILL);
  worker.lost = "interrupted twice";
  EXPECT_EQ(watch.evidence(worker), "");
}

// ---- the real thing, where this machine allows it

TEST(RealCgroupTest, NothingEscapesKill) {
  ASSERT_TRUE(posix::set_subreaper().ok());
  make_board();
  const auto group = Cgroup::make();
  if (!group.ok()) GTEST_SKIP() << group.error().message;
  const pid_t child = fork_child([] {
    while (shared_board().ready == 0) nap();
    start_daemon(shared_board().orphans[0]);
    wait_for_death();
    return 0;
  });
  ASSERT_TRUE(group->add(child).ok());
  shared_board().ready = 1;
  ASSERT_TRUE(eventually([] { return shared_board().orphans[0] != 0; }));
  EXPECT_FALSE(group->remove()) << "somebody is in it";
  ASSERT_TRUE(group->kill().ok());
  EXPECT_EQ(wait_for(child)->code, SIGKILL);
  clear_children();
  EXPECT_TRUE(is_gone(shared_board().orphans[0]));
  EXPECT_TRUE(eventually([&] { return group->remove(); }));
}

TEST(RealCgroupTest, WhatADeadRunHasLeftEndsWithTheNextRun) {
  ASSERT_TRUE(posix::set_subreaper().ok());
  make_board();
  const pid_t dead = fork_child([] {
    const auto group = Cgroup::make();
    if (!group.ok()) return 1;
    shared_board().seen = group->add(::getpid()).ok();
    start_daemon(shared_board().orphans[0]);
    return 0;
  });
  if (wait_for(dead)->code != 0) GTEST_SKIP() << "no control group can be made here";
  EXPECT_EQ(shared_board().seen, 1);
  // Any run that starts on this machine may have ended it by now; if none has, this one does.
  const auto next = Cgroup::make();
  ASSERT_TRUE(next.ok());
  EXPECT_TRUE(eventually([] {
    (void)posix::reap(shared_board().orphans[0]);
    return is_gone(shared_board().orphans[0]);
  }));
  EXPECT_TRUE(next->remove());
  clear_children();
}

}  // namespace
}  // namespace trun
