#include "runner/wire/channel.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "runner/kernel/event_loop.h"
#include "runner/kernel/posix.h"
#include "tests/unit/runner/kernel_helpers.h"

namespace trun {
namespace {

struct Ends {
  Ends() {
    auto pair = posix::socket_pair().value();
    EXPECT_TRUE(posix::set_nonblocking(pair.ours).ok());
    channel = Channel(std::move(pair.ours));
    peer = std::move(pair.theirs);
  }
  Channel channel;
  Fd peer;
};

TEST(ChannelTest, APeerThatIsGoneIsNoError) {
  Ends ends;
  ends.peer.reset();
  ends.channel.send("frame");
  EXPECT_FALSE(ends.channel.read());
  EXPECT_TRUE(ends.channel.next().ok());
}

TEST(ChannelTest, AFrameWhoseDescriptorsCannotBeCopiedIsAnErrorAndIsNotSent) {
  Ends ends;
  const Status sent = ends.channel.send_with("frame", {ends.peer.get(), -1});
  EXPECT_EQ(sent.error().message, "cannot copy a descriptor for a frame: Bad file descriptor");
  EXPECT_TRUE(ends.channel.next().ok()) << "and no more is wrong with the channel";
  char byte = 0;
  EXPECT_EQ(::recv(ends.peer.get(), &byte, 1, MSG_DONTWAIT), -1);
}

TEST(ChannelTest, AFrameThatCannotBeSentIsAnErrorUnlessThePeerIsGone) {
  Ends ends;
  const auto pipe = posix::make_pipe().value();
  Channel no_socket(posix::dup_high(pipe.write, 3).value());
  no_socket.send("frame");
  EXPECT_EQ(no_socket.next().error().message, "cannot send 0 descriptors: Socket operation on non-socket");
}

// Each 219 KB waited for the next tick of the clock.
TEST(ChannelTest, WhatThePeerDoesNotTakeAtOnceIsSentAsSoonAsItCan) {
  Ends ends;
  EventLoop loop;
  loop.watch(ends.channel.socket().get(), [] {});
  ends.channel.on_blocked([&] { loop.when_writable(ends.channel.socket().get(), [&] { ends.channel.flush(); }); });
  const std::size_t size = 5 << 20;
  ends.channel.send(std::string(size, 'a'));
  ends.channel.send(std::string(size, 'b'));
  std::string got;
  std::vector<char> buffer(1 << 20);
  EXPECT_TRUE(eventually([&] {
    const ssize_t count = ::recv(ends.peer.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count > 0) got.append(buffer.data(), static_cast<std::size_t>(count));
    loop.run_one(std::chrono::milliseconds(1));
    return got.size() >= 2 * size;
  }));
  EXPECT_EQ(got, std::string(size, 'a') + std::string(size, 'b'));
  loop.unwatch(ends.channel.socket().get());
}

}  // namespace
}  // namespace trun
