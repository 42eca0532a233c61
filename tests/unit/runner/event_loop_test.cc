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

}  // namespace
}  // namespace trun
