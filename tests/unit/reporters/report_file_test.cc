#include "reporters/report_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tests/unit/reporters/golden.h"
#include "tests/unit/temporary_tree.h"

namespace trun {
namespace {

namespace fs = std::filesystem;

class ReportFileTest : public testing::Test {
 protected:
  const TemporaryTree tree_;
  const fs::path directory_ = tree_.root();
};

TEST_F(ReportFileTest, CreatesDirectoriesAndReplaces) {
  const std::string path = directory_ / "a" / "b.txt";
  ASSERT_TRUE(write_report_file(path, "one").ok());
  ASSERT_TRUE(write_report_file(path, "two").ok());
  EXPECT_EQ(read_text(path), "two");
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_ / "a"), {}), 1);
}

// --junitxml=/dev/null, by root, made a file of it.
TEST_F(ReportFileTest, WhatIsNoFileIsWrittenTo) {
  const std::string pipe = directory_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_TRUE(write_report_file(pipe, "text").ok());
  char text[8];
  EXPECT_EQ(::read(reader, text, sizeof text), 4);
  ::close(reader);
  EXPECT_TRUE(fs::is_fifo(pipe));
  EXPECT_EQ(write_report_file("/dev/full", "text").ok(), false);
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

TEST_F(ReportFileTest, AFileInTheWayIsNamed) {
  ASSERT_TRUE(write_report_file(directory_ / "file", "x").ok());
  const Status status = write_report_file(directory_ / "file" / "report", "y");
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().message.find((directory_ / "file").string()), std::string::npos);
}

TEST_F(ReportFileTest, ADirectoryInTheWayLeavesNothingBehind) {
  fs::create_directories(directory_ / "report" / "full");
  const Status status = write_report_file(directory_ / "report", "y");
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message.substr(0, 13), "cannot write ");
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_), {}), 1);
}

// An hour's run, and then "the junit report failed".
TEST_F(ReportFileTest, WhatCannotBeWrittenIsToldBeforeTheRun) {
  EXPECT_TRUE(try_report_file(directory_ / "deep" / "report").ok());
  EXPECT_TRUE(fs::is_empty(directory_ / "deep")) << "no trace of the attempt";
  EXPECT_TRUE(try_report_file("/dev/null").ok());
  const Status no_file = try_report_file(directory_ / "deep");
  ASSERT_FALSE(no_file.ok());
  EXPECT_EQ(no_file.error().kind, Error::Kind::usage);
  EXPECT_NE(no_file.error().message.find("it is a directory"), std::string::npos);
  ASSERT_TRUE(write_report_file(directory_ / "file", "x").ok());
  EXPECT_FALSE(try_report_file(directory_ / "file" / "report").ok());
}

}  // namespace
}  // namespace trun
