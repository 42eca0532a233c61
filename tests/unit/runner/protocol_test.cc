// What holds for all frames: what is no frame, how long and how deep one may be, bytes that are not UTF-8.
#include "runner/wire/protocol.h"

#include <gtest/gtest.h>

#include "runner/wire/frame.h"
#include "tests/unit/runner/frame_text.h"

namespace trun {
namespace {

TEST(ProtocolTest, PayloadsThatAreNoFramesAreNonsense) {
  EXPECT_EQ(worker_error("{"), "nonsense in a frame: not JSON (incomplete JSON)");
  EXPECT_EQ(worker_error("[]"), "nonsense in a frame: not an object");
  EXPECT_EQ(worker_error("{}"), "nonsense in a frame: no type");
  EXPECT_EQ(worker_error(R"({"t":1})"), "nonsense in a frame: no type");
  EXPECT_EQ(worker_error(R"({"t":"sing"})"), "nonsense in a frame: there is no type \"sing\"");
  EXPECT_EQ(worker_error(R"({"t":"configured"})"), "nonsense in a frame: there is no type \"configured\"");
  EXPECT_NE(worker_error("{\"t\":\"need\",\"ordinal\":1,\"x\":\"\xff\"}"), "");
  EXPECT_NE(worker_error(R"({"t":"need","ordinal":1} {})"), "");
}

TEST(ProtocolTest, TimesThatOverflowAreNonsense) {
  const auto error = [](const std::string& started, const std::string& call) {
    return worker_error(R"({"t":"result","ordinal":0,"nodeid":"n","reports":[],"started":)" + started +
                        R"(,"setup":0,"call":)" + call + R"(,"teardown":0})");
  };
  EXPECT_EQ(error("1", "1"), "");
  EXPECT_EQ(error("1", "-1"), "nonsense in a frame: result.call is of the wrong kind");
  EXPECT_EQ(error("1", "9223372036854775807"), "nonsense in a frame: result.call is of the wrong kind");
  EXPECT_EQ(error("18446744073709551615", "1"), "nonsense in a frame: result.started is of the wrong kind");
}

TEST(ProtocolTest, NestingIsLimitedTo64) {
  const auto error = [](int depth) {
    return worker_error(R"({"t":"need","ordinal":1,"x":)" + std::string(depth, '[') + std::string(depth, ']') + "}");
  };
  EXPECT_EQ(error(60), "");
  EXPECT_NE(error(70), "");
  EXPECT_NE(error(100'000), "");
}

/// Of all the frames in `bytes`.
std::vector<std::string> payloads(const std::string& bytes) {
  FrameDecoder decoder;
  decoder.feed(bytes);
  std::vector<std::string> found;
  for (auto next = decoder.next(); next.ok() && *next; next = decoder.next()) found.emplace_back(**next);
  EXPECT_EQ(decoder.pending(), 0u);
  return found;
}

TEST(ProtocolTest, WhatGrowsWithTheSuiteIsSentInParts) {
  SaveCache cache;
  std::vector<NodeId> ids;
  for (int i = 0; i < 50000; ++i) {
    ids.push_back("test_some_file_with_a_long_name.py::test_" + std::to_string(i) + std::string(160, 'x'));
  }
  for (const NodeId& id : ids) cache.results.emplace_back(id, "passed");
  cache.collected.assign(ids.begin(), ids.end());
  for (const std::string& bytes : {encode(cache), encode_host_ids("collection", ids)}) {
    const auto frames = payloads(bytes);
    ASSERT_GT(frames.size(), 2u);
    std::size_t named = 0;
    for (const std::string& frame : frames) {
      EXPECT_LT(frame.size(), 2 * kPartBytes);
      const bool last = &frame == &frames.back();
      EXPECT_NE(frame.find(last ? R"("more":false)" : R"("more":true)"), std::string::npos);
      for (std::size_t at = 0; (at = frame.find("::test_", at)) != std::string::npos; ++at) ++named;
    }
    EXPECT_EQ(named % ids.size(), 0u);
  }
}

// What crossing() of the worker's wire_text.py makes of os.fsdecode() of the same bytes; in JSON a backslash is two.
TEST(ProtocolTest, BytesThatAreNotUtf8CrossAsPythonShowsThem) {
  const auto sent = [](const std::string& item) {
    Assign frame;
    frame.items = {item};
    const std::string text = payload(encode(frame));
    const std::size_t begin = std::string_view(R"({"t":"assign","items":[")").size();
    return text.substr(begin, text.find(R"("],"low")") - begin);
  };
  EXPECT_EQ(sent("a.py"), "a.py");
  EXPECT_EQ(sent("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"), "é € 😀");
  EXPECT_EQ(sent("a\xff.py"), R"(a\\udcff.py)");
  EXPECT_EQ(sent("\x80\x80"), R"(\\udc80\\udc80)");
  EXPECT_EQ(sent("\xe2\x82"), R"(\\udce2\\udc82)");
  EXPECT_EQ(sent("\xe2\x82x"), R"(\\udce2\\udc82x)");
  EXPECT_EQ(sent("\xf0\x9f\x98x"), R"(\\udcf0\\udc9f\\udc98x)");
  EXPECT_EQ(sent("\xed\xa0\x80"), R"(\\udced\\udca0\\udc80)");             // a surrogate
  EXPECT_EQ(sent("\xc0\xaf"), R"(\\udcc0\\udcaf)");                        // an overlong slash
  EXPECT_EQ(sent("\xf4\x90\x80\x80"), R"(\\udcf4\\udc90\\udc80\\udc80)");  // beyond Unicode
}

}  // namespace
}  // namespace trun
