#include "runner/kernel/scratch_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

#include "tests/unit/temporary_tree.h"

namespace trun {
namespace {

namespace fs = std::filesystem;

class ScratchFolderTest : public testing::Test {
 protected:
  std::string path(const std::string& run) const { return tree_.root() + "/" + scratch_name(run); }
  TemporaryTree tree_;
};

TEST_F(ScratchFolderTest, EndsWithItsOwner) {
  std::optional<ScratchFolder> made(ScratchFolder::make(path("aaaaaaaa")).value());
  fs::create_directories(made->path() + "/0/data");
  EXPECT_TRUE(fs::exists(path("aaaaaaaa")));
  made.reset();
  EXPECT_TRUE(fs::is_empty(tree_.root()));
}

TEST_F(ScratchFolderTest, TheNextRunRemovesWhatDeadOnesHaveLeftAndNothingElse) {
  const auto alive = ScratchFolder::make(path("aaaaaaaa"));
  tree_.write("trun-bbbbbbbb-services/0/data", "of a dead run");
  tree_.write("trun-notes/file", "a user's");
  tree_.write("other-services/file", "a user's");
  fs::create_directory(tree_.root() + "/trun-cccccccc-services.new");  // being made this moment
  fs::create_directory_symlink(tree_.root() + "/trun-notes", tree_.root() + "/trun-dddddddd-services");
  const auto next = ScratchFolder::make(path("eeeeeeee"));
  ASSERT_TRUE(next.ok());
  EXPECT_TRUE(fs::exists(path("aaaaaaaa")));
  EXPECT_FALSE(fs::exists(path("bbbbbbbb")));
  EXPECT_TRUE(fs::exists(tree_.root() + "/trun-notes/file"));
  EXPECT_TRUE(fs::exists(tree_.root() + "/other-services/file"));
  EXPECT_TRUE(fs::exists(tree_.root() + "/trun-cccccccc-services.new"));
  EXPECT_TRUE(fs::is_symlink(path("dddddddd")));
}

TEST_F(ScratchFolderTest, AFolderThatCannotBeMadeIsNamed) {
  const auto made = ScratchFolder::make(tree_.root() + "/not-there/trun-aaaaaaaa-services");
  ASSERT_FALSE(made.ok());
  EXPECT_NE(made.error().message.find("cannot make " + tree_.root() + "/not-there/trun-aaaaaaaa-services"),
            std::string::npos);
}

}  // namespace
}  // namespace trun
