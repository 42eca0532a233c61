#include "runner/kernel/event_loop.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <stdexcept>

#include "tests/unit/runner/kernel_helpers.h"

namespace trun {
namespace {

TEST(EventLoopTest, AHandlerThatThrowsIsCalledAgain) {
  EventLoop loop;
  const posix::Pipe pipe = posix::make_pipe().value();
  ASSERT_EQ(::write(pipe.write.get(), "ab", 2), 2);
  int calls = 0;
  loop.watch(pipe.read.get(), [&] {
    char byte;
    ASSERT_EQ(::read(pipe.read.get(), &byte, 1), 1);
    if (++calls == 1) throw std::runtime_error("the first");
  });
  EXPECT_THROW(loop.run_one(std::chrono::seconds(10)), std::runtime_error);
  loop.run_one(std::chrono::seconds(10));
  EXPECT_EQ(calls, 2);
  loop.unwatch(pipe.read.get());
}

TEST(EventLoopTest, ATickThatThrowsIsNotTheLast) {
  EventLoop loop;
  int ticks = 0;
  loop.every(std::chrono::milliseconds(1), [&] {
    if (++ticks == 1) throw std::runtime_error("the first");
  });
  EXPECT_THROW(loop.run_one(std::chrono::seconds(10)), std::runtime_error);
  EXPECT_TRUE(eventually([&] {
    loop.run_one(std::chrono::milliseconds(5));
    return ticks > 1;
  }));
}

bool blocks(const Fd& fd) { return (::fcntl(fd.get(), F_GETFL) & O_NONBLOCK) == 0; }

/// A pipe whose writer is told apart from others by whether it blocks.
class WhenWritable : public testing::TestWithParam<bool> {};

TEST_P(WhenWritable, IsCalledOnceItCanAndLeavesTheModeAsItIs) {
  EventLoop loop;
  const posix::Pipe pipe = posix::make_pipe().value();
  if (!GetParam()) {
    ASSERT_TRUE(posix::set_nonblocking(pipe.write).ok());
  }
  const std::string text(static_cast<std::size_t>(::fcntl(pipe.write.get(), F_GETPIPE_SZ)), 'x');
  ASSERT_EQ(::write(pipe.write.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  int first = 0, second = 0;
  loop.when_writable(pipe.write.get(), [&] { ++first; });
  loop.when_writable(pipe.write.get(), [&] { ++second; });
  loop.run_one(std::chrono::milliseconds(20));
  EXPECT_EQ(second, 0);
  EXPECT_EQ(blocks(pipe.write), GetParam());
  std::string taken(1 << 17, '\0');
  ASSERT_GT(::read(pipe.read.get(), taken.data(), taken.size()), 0);
  EXPECT_TRUE(eventually([&] {
    loop.run_one(std::chrono::milliseconds(5));
    return second == 1;
  }));
  loop.run_one(std::chrono::milliseconds(5));
  EXPECT_EQ(second, 1);
  EXPECT_EQ(first, 0);
  EXPECT_EQ(blocks(pipe.write), GetParam());
}

INSTANTIATE_TEST_SUITE_P(EventLoopTest, WhenWritable, testing::Bool(),
                         [](const auto& each) { return each.param ? "WhoBlocks" : "WhoDoesNotBlock"; });

}  // namespace
}  // namespace trun
