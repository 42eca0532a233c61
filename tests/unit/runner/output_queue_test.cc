#include "runner/wire/output_queue.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

#include "runner/kernel/fd.h"
#include "runner/kernel/posix.h"

namespace trun {
namespace {

class OutputQueueTest : public testing::Test {
 protected:
  void SetUp() override {
    ::signal(SIGPIPE, SIG_IGN);
    pipe_ = posix::make_pipe().value();
    ASSERT_TRUE(posix::set_nonblocking(pipe_.read).ok());
  }
  std::string read_all() {
    std::string text;
    char buffer[65536];
    for (ssize_t size; (size = ::read(pipe_.read.get(), buffer, sizeof buffer)) > 0;)
      text.append(buffer, static_cast<std::size_t>(size));
    return text;
  }

  posix::Pipe pipe_;
};

TEST_F(OutputQueueTest, WritesAtOnceWhatFits) {
  OutputQueue queue(pipe_.write.get());
  ASSERT_TRUE(queue.write("hello\n").ok());
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(read_all(), "hello\n");
}

TEST_F(OutputQueueTest, AFullPipeHoldsNobodyUpAndNothingIsLost) {
  OutputQueue queue(pipe_.write.get());
  std::string sent, got;
  for (int i = 0; i < 5000; ++i) {
    const std::string line = std::to_string(i) + std::string(100, '.') + "\n";
    sent += line;
    ASSERT_TRUE(queue.write(line).ok());
  }
  EXPECT_FALSE(queue.empty());
  while (!queue.empty()) {
    got += read_all();
    ASSERT_TRUE(queue.flush().ok());
  }
  got += read_all();
  EXPECT_EQ(got, sent);
}

TEST_F(OutputQueueTest, WhoIsToWaitForTheReaderIsTold) {
  OutputQueue queue(pipe_.write.get());
  int blocked = 0;
  queue.on_blocked([&](int fd) {
    EXPECT_EQ(fd, pipe_.write.get());
    ++blocked;
  });
  ASSERT_TRUE(queue.write("fits").ok());
  EXPECT_EQ(blocked, 0);
  const std::string text(3 << 20, 'x');
  ASSERT_TRUE(queue.write(text).ok());
  EXPECT_EQ(blocked, 1);
  EXPECT_GT(queue.backlog(), 2u << 20);
  std::size_t got = 0;
  while (!queue.empty()) {
    got += read_all().size();
    ASSERT_TRUE(queue.flush().ok());
  }
  got += read_all().size();
  EXPECT_EQ(got, text.size() + 4);
  EXPECT_EQ(queue.backlog(), 0u);
}

TEST_F(OutputQueueTest, AReaderThatIsGoneIsAnErrorFromThenOn) {
  OutputQueue queue(pipe_.write.get());
  pipe_.read.reset();
  EXPECT_FALSE(queue.write("hello\n").ok());
  EXPECT_TRUE(queue.unread());
  EXPECT_TRUE(queue.empty());
  EXPECT_FALSE(queue.write("more\n").ok());
  EXPECT_FALSE(queue.flush().ok());
}

TEST_F(OutputQueueTest, WhatCannotBeWrittenToIsNoReaderGone) {
  const Fd file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  OutputQueue queue(file.get());
  EXPECT_FALSE(queue.write("hello\n").ok());
  EXPECT_FALSE(queue.unread());
}

}  // namespace
}  // namespace trun
