#include "runner/ports/lease_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "tests/unit/runner/kernel_helpers.h"
#include "tests/unit/temporary_tree.h"

namespace trun {
namespace {

class LeaseDirectoryTest : public testing::Test {
 protected:
  LeaseDirectory open() { return LeaseDirectory::open(tree_.path("leases")).value(); }
  LeaseOwner me(const std::string& name = "api") { return lease_owner("run1", name); }

  TemporaryTree tree_;
};

TEST_F(LeaseDirectoryTest, ALeaseIsHeldByOneAtATime) {
  const LeaseDirectory one = open(), two = open();
  LeaseFile lease = one.claim("a.lease", me()).value();
  EXPECT_TRUE(lease.held());
  EXPECT_FALSE(two.claim("a.lease", me()).value().held());
  EXPECT_TRUE(two.claim("b.lease", me()).value().held());
  lease.release();
  EXPECT_TRUE(two.claim("a.lease", me()).value().held());
}

TEST_F(LeaseDirectoryTest, NothingIsLeftOfAReleasedLease) {
  const LeaseDirectory directory = open();
  {
    const LeaseFile lease = directory.claim("a.lease", me()).value();
    EXPECT_TRUE(std::filesystem::exists(lease.path()));
  }
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

TEST_F(LeaseDirectoryTest, ItsFileSaysWhoHoldsIt) {
  const LeaseDirectory directory = open();
  EXPECT_EQ(directory.owner("a.lease"), std::nullopt);
  const LeaseFile lease = directory.claim("a.lease", me("web api")).value();
  const auto owner = directory.owner("a.lease");
  ASSERT_TRUE(owner);
  EXPECT_EQ(*owner, me("web api"));
  EXPECT_EQ(owner->pid, ::getpid());
  EXPECT_NE(owner->started, 0u);
  EXPECT_EQ(describe(*owner), "run run1 of trun (process " + std::to_string(::getpid()) + "), as 'web api'");
}

TEST_F(LeaseDirectoryTest, AnOwnerWhosePidIsAnothersByNowIsCalledGone) {
  LeaseOwner owner = me();
  owner.started += 1;
  EXPECT_NE(describe(owner).find("which is gone"), std::string::npos);
}

TEST_F(LeaseDirectoryTest, TextThatWasCutShortNamesNobody) {
  const std::string whole = to_text(me());
  EXPECT_EQ(parse_lease_owner(whole), me());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(parse_lease_owner(whole.substr(0, size)), std::nullopt) << size;
  }
  EXPECT_EQ(parse_lease_owner("-4 1 run api\n"), std::nullopt);
}

TEST_F(LeaseDirectoryTest, TheLeaseOfAKilledProcessIsTakenOver) {
  Board& board = make_board();
  const LeaseDirectory directory = open();
  const pid_t child = fork_child([&] {
    const LeaseFile lease = directory.claim("a.lease", lease_owner("dead", "api")).value();
    board.ready = lease.held();
    wait_for_death();
    return 0;
  });
  ASSERT_TRUE(eventually([&] { return board.ready != 0; }));
  EXPECT_FALSE(directory.claim("a.lease", me()).value().held()) << "it lives";
  ::kill(child, SIGKILL);
  ASSERT_TRUE(wait_for(child));
  ASSERT_TRUE(directory.owner("a.lease")) << "its file is still there";
  EXPECT_EQ(directory.owner("a.lease")->run_id, "dead");
  const LeaseFile lease = directory.claim("a.lease", me()).value();
  EXPECT_TRUE(lease.held());
  EXPECT_EQ(directory.owner("a.lease"), me());
}

TEST_F(LeaseDirectoryTest, SweepsWhatNobodyHoldsAndNothingElse) {
  const LeaseDirectory directory = open();
  const LeaseFile held = directory.claim("held.lease", me()).value();
  tree_.write("leases/dead.lease", "1 2 dead api\n");
  tree_.write("leases/other.txt");
  EXPECT_EQ(directory.sweep(), 1u);
  EXPECT_TRUE(std::filesystem::exists(tree_.path("leases/held.lease")));
  EXPECT_FALSE(std::filesystem::exists(tree_.path("leases/dead.lease")));
  EXPECT_TRUE(std::filesystem::exists(tree_.path("leases/other.txt")));
}

TEST_F(LeaseDirectoryTest, IsForItsUserAlone) {
  struct stat facts {};
  ASSERT_EQ(::stat(open().path().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777, 0700u);
}

TEST_F(LeaseDirectoryTest, ADirectoryThatOthersMayWriteToIsRefused) {
  (void)open();
  ::chmod(tree_.path("leases").c_str(), 0777);
  const auto refused = LeaseDirectory::open(tree_.path("leases"));
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find("others may write to it; remove it, or set XDG_RUNTIME_DIR"),
            std::string::npos);
}

TEST_F(LeaseDirectoryTest, SymbolicLinksAreNotFollowed) {
  std::filesystem::create_directory(tree_.path("elsewhere"));
  tree_.link("elsewhere", "leases");
  EXPECT_FALSE(LeaseDirectory::open(tree_.path("leases")).ok());
  std::filesystem::remove(tree_.path("leases"));
  const LeaseDirectory directory = open();
  tree_.write("victim", "precious");
  tree_.link(tree_.path("victim"), "leases/a.lease");
  EXPECT_FALSE(directory.claim("a.lease", me()).ok());
  EXPECT_EQ(std::filesystem::file_size(tree_.path("victim")), 8u);
}

TEST_F(LeaseDirectoryTest, ARuntimeDirectoryOfAnotherUserIsPassedOver) {
  const char* before = std::getenv("XDG_RUNTIME_DIR");
  const std::string kept = before ? before : "";
  const std::string fallback = "/tmp/trun-" + std::to_string(::geteuid());
  ::setenv("XDG_RUNTIME_DIR", tree_.root().c_str(), 1);
  EXPECT_EQ(LeaseDirectory::usual_path(), tree_.root() + "/trun");
  ::setenv("XDG_RUNTIME_DIR", tree_.path("missing").c_str(), 1);
  EXPECT_EQ(LeaseDirectory::usual_path(), fallback);
  ::unsetenv("XDG_RUNTIME_DIR");
  EXPECT_EQ(LeaseDirectory::usual_path(), fallback);
  if (before) ::setenv("XDG_RUNTIME_DIR", kept.c_str(), 1);
}

}  // namespace
}  // namespace trun
