#include "runner/containment/reaper.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "runner/kernel/process_tree.h"
#include "tests/unit/runner/kernel_helpers.h"

namespace trun {
namespace {

bool has_ended(pid_t child) {
  siginfo_t info{};
  return ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == child;
}

class ReaperTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(posix::set_subreaper().ok());
    ASSERT_EQ(posix::children_of_self().value(), std::vector<pid_t>());
    board_ = &make_board();
  }
  void TearDown() override { clear_children(); }

  pid_t ended_child(int code) {
    const pid_t child = fork_child([code] { return code; });
    EXPECT_TRUE(eventually([&] { return has_ended(child); }));
    return child;
  }

  /// pid -> exit code of what was reaped.
  std::map<pid_t, int> reap(const std::set<pid_t>& known) {
    std::map<pid_t, int> codes;
    const auto reaped = reap_strangers([&](pid_t pid) { return known.count(pid) > 0; });
    EXPECT_TRUE(reaped.ok());
    for (const Reaped& one : *reaped) codes[one.pid] = one.status.code;
    return codes;
  }

  Board* board_ = nullptr;
};

using Codes = std::map<pid_t, int>;

TEST_F(ReaperTest, NoChildrenIsNoError) { EXPECT_EQ(reap({}), Codes()); }

TEST_F(ReaperTest, TakesEveryStranger) {
  const pid_t first = ended_child(1), second = ended_child(2), third = ended_child(3);
  EXPECT_EQ(reap({}), (Codes{{first, 1}, {second, 2}, {third, 3}}));
  EXPECT_EQ(reap({}), Codes());
}

TEST_F(ReaperTest, LeavesTheRunningAlone) {
  const pid_t running = fork_child([]() -> int { wait_for_death(); });
  EXPECT_EQ(reap({}), Codes());
  EXPECT_FALSE(is_gone(running));
}

// Whatever stands first in the kernel's list, each known child keeps its status and each stranger is found.
TEST_F(ReaperTest, KnownChildrenKeepTheirStatus) {
  for (int known_at = 0; known_at < 4; ++known_at) {
    std::vector<pid_t> children;
    Codes strangers;
    for (int i = 0; i < 4; ++i) {
      children.push_back(ended_child(10 + i));
      if (i != known_at) strangers[children[i]] = 10 + i;
    }
    const pid_t known = children[known_at];
    EXPECT_EQ(reap({known}), strangers);
    const auto status = posix::reap(known);
    ASSERT_TRUE(status.ok() && status->has_value());
    EXPECT_EQ((*status)->code, 10 + known_at);
  }
}

TEST_F(ReaperTest, TakesOrphansThatLostTheirParent) {
  const pid_t orphan = start_daemon(board_->orphans[0], [] { ::_exit(42); });
  EXPECT_TRUE(eventually([&] { return has_ended(orphan); }));
  EXPECT_EQ(reap({}), (Codes{{orphan, 42}}));
  EXPECT_TRUE(is_gone(orphan));
}

// ---- the sweep

TimePoint in(Duration time) { return Clock::now() + time; }

TEST_F(ReaperTest, SweepEndsDaemonsAndTheirDescendants) {
  start_daemon(board_->orphans[0]);
  start_daemon(board_->orphans[1], [this] {
    for (int depth = 2; depth < 8 && ::fork() == 0; ++depth) board_->orphans[depth] = ::getpid();
    wait_for_death();
  });
  EXPECT_TRUE(eventually([this] { return board_->orphans[7] != 0; }));
  const auto sweep = kill_descendants(in(std::chrono::seconds(10)));
  ASSERT_TRUE(sweep.ok());
  EXPECT_EQ(sweep->killed.size(), 8u);
  EXPECT_EQ(sweep->survivors, std::vector<pid_t>());
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(is_gone(board_->orphans[i])) << i;
}

// A family in which everybody replaces the dead must not be able to outrun the sweep.
TEST_F(ReaperTest, SweepEndsASupervisorThatRestartsItsChild) {
  start_daemon(board_->orphans[0], [] {
    while (true) {
      const pid_t child = ::fork();
      if (child == 0) wait_for_death();
      ::waitpid(child, nullptr, 0);
    }
  });
  const auto sweep = kill_descendants(in(std::chrono::seconds(10)));
  ASSERT_TRUE(sweep.ok());
  EXPECT_EQ(sweep->survivors, std::vector<pid_t>());
  EXPECT_EQ(clear_children(), 0u);
}

TEST_F(ReaperTest, SweepSparesWhatItIsToldToSpare) {
  const pid_t spared = fork_child([this]() -> int {
    const pid_t child = fork_child([]() -> int { wait_for_death(); });
    board_->orphans[1] = child;
    wait_for_death();
  });
  EXPECT_TRUE(eventually([this] { return board_->orphans[1] != 0; }));
  const pid_t condemned = fork_child([]() -> int { wait_for_death(); });
  const auto sweep = kill_descendants(in(std::chrono::seconds(10)), {spared});
  ASSERT_TRUE(sweep.ok());
  EXPECT_EQ(sweep->killed, std::vector<pid_t>{condemned});
  EXPECT_FALSE(is_gone(spared));
  EXPECT_FALSE(is_gone(board_->orphans[1]));
  EXPECT_EQ(clear_children(), 2u);
}

TEST_F(ReaperTest, SweepThatIsOutOfTimeNamesTheSurvivors) {
  const pid_t child = fork_child([]() -> int { wait_for_death(); });
  const auto sweep = kill_descendants(Clock::now());
  ASSERT_TRUE(sweep.ok());
  EXPECT_EQ(sweep->survivors, std::vector<pid_t>{child});
}

TEST_F(ReaperTest, WhoMayNotBeKilledKeepsNobodyElseAlive) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can start a process that another user may not kill";
  Board& board = make_board();
  const pid_t keeper = fork_child([&] {
    const pid_t untouchable = fork_child([]() -> int { wait_for_death(); });
    board.seen = untouchable;
    constexpr uid_t kNobody = 65534;
    if (!posix::set_subreaper().ok() || ::setuid(kNobody) != 0) return 2;
    const pid_t killable = fork_child([]() -> int { wait_for_death(); });
    const auto sweep = kill_descendants(in(std::chrono::milliseconds(200)));
    if (!sweep.ok()) return 3;
    return sweep->survivors == std::vector<pid_t>{untouchable} && is_gone(killable) ? 0 : 4;
  });
  const auto ended = wait_for(keeper);
  ::kill(board.seen, SIGKILL);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->code, 0);
}

TEST_F(ReaperTest, SweepOfNothingReturnsAtOnce) {
  const auto sweep = kill_descendants(in(std::chrono::hours(1)));
  ASSERT_TRUE(sweep.ok());
  EXPECT_TRUE(sweep->killed.empty() && sweep->survivors.empty());
}

}  // namespace
}  // namespace trun
