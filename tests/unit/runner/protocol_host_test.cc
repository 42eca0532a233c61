// The frames between engine and plugin host.
#include <gtest/gtest.h>

#include "runner/wire/protocol.h"
#include "tests/unit/runner/frame_text.h"

namespace trun {
namespace {

TEST(ProtocolHostTest, FramesToTheHostAreAsDocumented) {
  HostStart start;
  start.engine_pid = 5;
  start.stacks_signal = 43;
  start.workers = {"gw0", "gw1"};
  start.testrunuid = "u";
  start.dist = "load";
  EXPECT_EQ(payload(encode(start)),
            R"({"t":"start","engine_pid":5,"stacks_signal":43,"workers":["gw0","gw1"],"testrunuid":"u","dist":"load",)"
            R"("columns":80,"xmlpath":"","color":false})");
  EXPECT_EQ(payload(encode(HostedProcess{1, 2})), R"({"t":"node","slot":1,"attempt":2})");
  EXPECT_EQ(payload(encode(HostRelay{{1, 2}, "told", "x"})), R"({"t":"told","slot":1,"attempt":2,"text":"x"})");
  EXPECT_EQ(payload(encode_host_ids("split", {"a", "b"})), R"({"t":"split","ids":["a","b"],"more":false})");
  HostTest test;
  test.item = 3;
  test.started = TimePoint(Duration(9));
  test.call = Duration(2);
  test.said = "x";
  EXPECT_EQ(payload(encode(std::vector<HostTest>{test})), R"({"t":"tests","tests":[[3,0,9,0,2,0,"x"]]})");
  EXPECT_EQ(payload(encode(HostDown{{1, 2}, "o", std::nullopt})),
            R"({"t":"down","slot":1,"attempt":2,"output":"o","error":null})");
  EXPECT_EQ(payload(encode(HostCrash{{1, 2}, "a", "t", "e"})),
            R"({"t":"crash","slot":1,"attempt":2,"nodeid":"a","text":"t","output":"","error":"e"})");
  EXPECT_EQ(payload(encode(HostFailed{1, "a", "t"})), R"({"t":"failed","slot":1,"nodeid":"a","text":"t"})");
  EXPECT_EQ(payload(encode(HostEnd{2, true, "r"})), R"({"t":"end","exit":2,"stopped":true,"reason":"r"})");
}

TEST(ProtocolHostTest, OptionsThatConftestsHaveSetAreReadWhole) {
  const std::string head =
      R"({"t":"ready","inputs":[],"crashes":true,"reports":false,"scheduler":["",""],"env":[],"xmlpath":null,)"
      R"("properties":[],"options":)";
  const std::string options =
      R"({"verbose":1,"reportchars":"s","tbstyle":"line","xfail_tb":true,"durations":3,"durations_min":0.5,)"
      R"("color":"yes","capture":"fd","maxfail":2,"showcapture":"no","no_terminal":false,"no_header":true,)"
      R"("no_summary":false,"disable_warnings":false,"continue_on_collection_errors":true,"xmlpath":null,)"
      R"("junitprefix":"","max_warnings":null,"cache":false,"keyword":"","markexpr":"","importmode":"prepend",)"
      R"("ignore":[],"ignore_glob":[],"fold_skipped":true,"force_short_summary":true})";
  const auto ready = std::get<HostReady>(decode_from_host(head + options + "}").value());
  ASSERT_TRUE(ready.options);
  EXPECT_EQ(ready.options->maxfail, 2);
  EXPECT_EQ(ready.options->color, "yes");
  EXPECT_FALSE(decode_from_host(head + "{}}").ok());
}

TEST(ProtocolHostTest, FramesOfTheHostAreRead) {
  const auto said = [](std::string_view text) { return decode_from_host(text).value(); };
  const auto ready = std::get<HostReady>(said(
      R"({"t":"ready","inputs":["p"],"crashes":true,"reports":false,"scheduler":["",""],"env":[["A","b"],["B",null]],)"
      R"("xmlpath":"/r.xml","properties":[["n","v"]]})"));
  EXPECT_EQ(ready.inputs, std::vector<std::string>{"p"});
  EXPECT_TRUE(ready.crashes);
  EXPECT_FALSE(ready.reports);
  EXPECT_EQ(ready.xmlpath, "/r.xml");
  EXPECT_FALSE(ready.options);
  EXPECT_EQ(ready.properties, (std::vector<std::pair<std::string, std::string>>{{"n", "v"}}));
  EXPECT_EQ(ready.env, (std::vector<EnvironmentChange>{{"A", "b"}, {"B", std::nullopt}}));
  EXPECT_EQ(std::get<HostNode>(said(R"({"t":"node","slot":1,"attempt":2,"input":"p"})")).input, "p");
  const auto crashed =
      std::get<HostCrashed>(said(R"({"t":"crashed","slot":1,"attempt":2,"again":true,"status":["c","l","w"]})"));
  EXPECT_TRUE(crashed.again);
  EXPECT_EQ(crashed.attempt, 2);
  EXPECT_TRUE(std::holds_alternative<HostEnding>(said(R"({"t":"ending"})")));
  EXPECT_EQ(std::get<HostScopes>(said(R"({"t":"scopes","scopes":["g"]})")).scopes, std::vector<std::string>{"g"});
  const auto error =
      std::get<InternalError>(said(R"({"t":"internal_error","reason":"E: r","where":"/r/a.py:1","traceback":"T"})"));
  EXPECT_EQ(error.reason + error.where + error.traceback, "E: r/r/a.py:1T");
  const auto done = std::get<HostDone>(
      said(R"({"t":"done","exit":3,"summary":"s","reason":"r","parts":[["summary_stats","one line"]]})"));
  EXPECT_EQ(done.reason, "r");
  EXPECT_EQ(done.parts.at(0).second, "one line");
  EXPECT_EQ(decode_from_host(R"({"t":"crashed","slot":1,"attempt":2,"again":true,"status":[]})").error().message,
            "nonsense in a frame: crashed.status is not category, letter and word");
}

}  // namespace
}  // namespace trun
