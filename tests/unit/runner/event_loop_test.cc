#include "runner/kernel/event_loop.h"

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

TEST(EventLoopTest, WhoWaitsToWriteIsCalledOnceItCan) {
  EventLoop loop;
  const posix::Pipe pipe = posix::make_pipe().value();
  ASSERT_TRUE(posix::set_nonblocking(pipe.write).ok());
  const std::string text(4096, 'x');
  while (::write(pipe.write.get(), text.data(), text.size()) > 0) continue;
  int first = 0, second = 0;
  loop.when_writable(pipe.write.get(), [&] { ++first; });
  loop.when_writable(pipe.write.get(), [&] { ++second; });
  loop.run_one(std::chrono::milliseconds(20));
  EXPECT_EQ(second, 0);
  std::string taken(1 << 17, '\0');
  ASSERT_GT(::read(pipe.read.get(), taken.data(), taken.size()), 0);
  EXPECT_TRUE(eventually([&] {
    loop.run_one(std::chrono::milliseconds(5));
    return second == 1;
  }));
  loop.run_one(std::chrono::milliseconds(5));
  EXPECT_EQ(second, 1);
  EXPECT_EQ(first, 0);
}

}  // namespace
}  // namespace trun
