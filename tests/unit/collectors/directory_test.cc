#include "collectors/directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <map>

#include "tests/unit/temporary_tree.h"

namespace trun {
namespace {

using Kind = DirectoryEntry::Kind;

constexpr std::size_t kNoLimit = 1000;

TEST(DirectoryTest, EntriesAreWhatLinksPointTo) {
  TemporaryTree tree;
  tree.write("file");
  tree.write("folder/inner");
  tree.link("file", "to_file");
  tree.link("folder", "to_folder");
  tree.link("nowhere", "broken");
  ASSERT_EQ(::mkfifo(tree.path("fifo").c_str(), 0600), 0);
  std::map<std::string, Kind> kinds;
  const std::optional<DirectoryListing> listing = list_directory(tree.root(), kNoLimit);
  ASSERT_TRUE(listing);
  for (const DirectoryEntry& entry : listing->entries) kinds[entry.name] = entry.kind;
  EXPECT_EQ(kinds, (std::map<std::string, Kind>{{"file", Kind::file},
                                                {"folder", Kind::directory},
                                                {"to_file", Kind::file},
                                                {"to_folder", Kind::directory},
                                                {"broken", Kind::other},
                                                {"fifo", Kind::other}}));
}

TEST(DirectoryTest, LimitEndsTheListing) {
  TemporaryTree tree;
  tree.write("a");
  tree.write("b");
  EXPECT_TRUE(list_directory(tree.root(), 2)->complete);
  EXPECT_FALSE(list_directory(tree.root(), 1)->complete);
  EXPECT_EQ(list_directory(tree.root(), 1)->entries.size(), 1u);
}

TEST(DirectoryTest, IdentityIsThatOfTheTarget) {
  TemporaryTree tree;
  tree.link(".", "self");
  EXPECT_EQ(list_directory(tree.root(), kNoLimit)->identity, list_directory(tree.path("self"), kNoLimit)->identity);
}

TEST(DirectoryTest, WhatIsNoDirectoryHasNoListing) {
  TemporaryTree tree;
  tree.write("file");
  EXPECT_FALSE(list_directory(tree.path("file"), kNoLimit));
  EXPECT_FALSE(list_directory(tree.path("missing"), kNoLimit));
}

TEST(DirectoryTest, FilesAreReadWholeWhateverTheirSize) {
  TemporaryTree tree;
  std::string buffer;
  for (const std::size_t size : {0, 1, 65535, 65536, 65537, 300'000, 7}) {
    std::string text(size, 'x');
    if (size > 0) text.back() = 'e';
    tree.write("file", text);
    EXPECT_EQ(read_regular_file(tree.path("file"), 1 << 20, buffer), text);
  }
}

TEST(DirectoryTest, ReadingStopsAtTheLimit) {
  TemporaryTree tree;
  tree.write("file", std::string(100'000, 'x'));
  std::string buffer;
  EXPECT_EQ(read_regular_file(tree.path("file"), 10, buffer)->size(), 10u);
  EXPECT_EQ(read_regular_file(tree.path("file"), 70'000, buffer)->size(), 70'000u);
}

TEST(DirectoryTest, NothingThatIsNoRegularFileIsRead) {
  TemporaryTree tree;
  std::string buffer;
  EXPECT_FALSE(read_regular_file(tree.path("missing"), kNoLimit, buffer));
  EXPECT_FALSE(read_regular_file(tree.root(), kNoLimit, buffer));
  ASSERT_EQ(::mkfifo(tree.path("fifo").c_str(), 0600), 0);
  EXPECT_FALSE(is_regular_file(tree.path("fifo")));
  EXPECT_FALSE(read_regular_file(tree.path("fifo"), kNoLimit, buffer));
}

}  // namespace
}  // namespace trun
