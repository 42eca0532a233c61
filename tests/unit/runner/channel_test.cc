#include "runner/wire/channel.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "runner/kernel/posix.h"

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

}  // namespace
}  // namespace trun
