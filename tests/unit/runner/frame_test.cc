#include "runner/wire/frame.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace trun {
namespace {

std::string length_of(std::uint32_t length) {
  std::string bytes;
  for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<char>(length >> shift & 0xff));
  return bytes;
}

/// What comes out when `pieces` go in one after the other; "error: ..." at the end if there was one.
std::vector<std::string> decode(const std::vector<std::string>& pieces) {
  FrameDecoder decoder;
  std::vector<std::string> payloads;
  for (const std::string& piece : pieces) {
    decoder.feed(piece);
    while (true) {
      const auto next = decoder.next();
      if (!next.ok()) {
        payloads.push_back("error: " + next.error().message);
        return payloads;
      }
      if (!next->has_value()) break;
      payloads.emplace_back(**next);
    }
  }
  return payloads;
}

TEST(FrameTest, EncodesLittleEndianLengthAndPayload) {
  EXPECT_EQ(encode_frame("{}"), std::string("\x02\0\0\0{}", 6));
  EXPECT_EQ(encode_frame(std::string(0x010203, 'x')).substr(0, 4), std::string("\x03\x02\x01\0", 4));
}

TEST(FrameTest, PayloadsComeOutHoweverTheBytesAreSplit) {
  const std::string stream = encode_frame("{\"a\":1}") + encode_frame("{}") + encode_frame(std::string(300, 'z'));
  const std::vector<std::string> expected = {"{\"a\":1}", "{}", std::string(300, 'z')};
  EXPECT_EQ(decode({stream}), expected);
  for (std::size_t split = 0; split <= stream.size(); ++split) {
    EXPECT_EQ(decode({stream.substr(0, split), stream.substr(split)}), expected) << split;
  }
  std::vector<std::string> bytes;
  for (const char byte : stream) bytes.emplace_back(1, byte);
  EXPECT_EQ(decode(bytes), expected);
}

TEST(FrameTest, PendingCountsWhatIsNotWholeYet) {
  FrameDecoder decoder;
  decoder.feed(encode_frame("{}") + "\x05");
  EXPECT_EQ(decoder.pending(), 7u);
  EXPECT_EQ(decoder.next().value(), "{}");
  EXPECT_EQ(decoder.pending(), 1u);
  EXPECT_EQ(decoder.next().value(), std::nullopt);
}

TEST(FrameTest, LengthsOutOfBoundsAreErrors) {
  const std::string allowed = " bytes was announced, allowed are 2 to 268435456";
  EXPECT_EQ(decode({length_of(0)}), std::vector<std::string>{"error: a frame of 0" + allowed});
  EXPECT_EQ(decode({length_of(1) + "x"}), std::vector<std::string>{"error: a frame of 1" + allowed});
  EXPECT_EQ(decode({length_of(kMaxPayload + 1)}), std::vector<std::string>{"error: a frame of 268435457" + allowed});
  EXPECT_EQ(decode({length_of(0xffffffff)}), std::vector<std::string>{"error: a frame of 4294967295" + allowed});
  EXPECT_EQ(decode({length_of(2) + "{}" + length_of(0)}),
            (std::vector<std::string>{"{}", "error: a frame of 0" + allowed}));
}

TEST(FrameTest, ThereIsNoWayBackIntoTheStreamAfterAnError) {
  FrameDecoder decoder;
  decoder.feed(length_of(0));
  EXPECT_FALSE(decoder.next().ok());
  decoder.feed(encode_frame("{}"));
  EXPECT_FALSE(decoder.next().ok());
}

TEST(FrameTest, LargeLengthWaitsForItsBytes) {
  EXPECT_EQ(decode({length_of(kMaxPayload), std::string(1000, 'x')}), std::vector<std::string>());
  FrameDecoder decoder;
  decoder.feed(length_of(kMaxPayload) + "x");
  EXPECT_EQ(decoder.next().value(), std::nullopt);
  EXPECT_EQ(decoder.pending(), 5u);
}

TEST(FrameTest, LargeFrameIsFollowedByASmallOne) {
  const std::string large(3u << 20, 'l');
  const std::string stream = encode_frame(large) + encode_frame("{}");
  const std::size_t middle = stream.size() - 3;
  EXPECT_EQ(decode({stream.substr(0, 10), stream.substr(10, middle - 10), stream.substr(middle)}),
            (std::vector<std::string>{large, "{}"}));
}

TEST(FrameTest, WhatTheOtherEndWouldRefuseIsNotMade) {
  EXPECT_THROW(encode_frame(std::string(std::size_t{kMaxPayload} + 1, 'x')), std::length_error);
}

}  // namespace
}  // namespace trun
