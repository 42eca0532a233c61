// The frames between engine and worker.
#include <gtest/gtest.h>

#include "runner/wire/protocol.h"
#include "tests/unit/runner/frame_text.h"

namespace trun {
namespace {

TEST(ProtocolWorkerTest, ResultHasItsReportsAndTheOutcomeTheyAddUpTo) {
  const auto frame =
      worker<ResultFrame>(R"({"t":"result","ordinal":12,"nodeid":"t.py::a","started":5000,"setup":1,"call":2,
    "teardown":3,"reports":[{"when":"call","outcome":"failed","category":"failed","letter":"F","word":"FAILED",
    "duration":1500,"longrepr":"E boom","longrepr_color":"c","head_line":"a","crash":["t.py",7,"boom"],
    "exception":"ValueError","sections":[["Captured stdout call","hi\n"]],"properties":[["k","v"]],"subtest":"[i=1]"},
    {"when":"teardown","outcome":"passed"}]})");
  EXPECT_EQ(frame.ordinal, 12u);
  EXPECT_EQ(frame.node_id, "t.py::a");
  EXPECT_FALSE(frame.silent);
  EXPECT_EQ(frame.result.started, TimePoint(std::chrono::nanoseconds(5000)));
  EXPECT_EQ(frame.result.total(), std::chrono::nanoseconds(6));
  EXPECT_EQ(outcome_name(frame.result.outcome), "failed");
  ASSERT_EQ(frame.result.reports.size(), 2u);
  const PhaseReport& report = frame.result.reports[0];
  EXPECT_EQ(report.category + report.letter + report.word, "failedFFAILED");
  EXPECT_EQ(report.duration, std::chrono::nanoseconds(1500));
  EXPECT_EQ(report.longrepr + report.longrepr_color + report.head_line, "E boomca");
  EXPECT_EQ(report.crash_path + ":" + std::to_string(report.crash_line) + ":" + report.crash_message, "t.py:7:boom");
  EXPECT_EQ(report.exception_type, "ValueError");
  EXPECT_EQ(report.sections, (Pairs{{"Captured stdout call", "hi\n"}}));
  EXPECT_EQ(report.user_properties, (Pairs{{"k", "v"}}));
  EXPECT_EQ(report.subtest, "[i=1]");
  EXPECT_EQ(report.wasxfail, std::nullopt);
  EXPECT_EQ(frame.result.reports[1].duration, std::chrono::nanoseconds(0));
}

TEST(ProtocolWorkerTest, SkipsAndXfailsAreRead) {
  const auto frame =
      worker<ResultFrame>(R"({"t":"result","ordinal":0,"nodeid":"n","started":0,"setup":0,"call":0,"teardown":0,
    "silent":false,"reports":[{"when":"setup","outcome":"skipped","category":"skipped","skip":["t.py",3,"why"]},
    {"when":"call","outcome":"skipped","category":"xfailed","wasxfail":"","crash":null,"skip":null}]})");
  EXPECT_EQ(frame.result.reports[0].skip_path, "t.py");
  EXPECT_EQ(frame.result.reports[0].skip_line, 3);
  EXPECT_EQ(frame.result.reports[0].skip_reason, "why");
  EXPECT_EQ(frame.result.reports[1].wasxfail, "");
  EXPECT_EQ(frame.result.reports[1].skip_path, "");
}

TEST(ProtocolWorkerTest, CollectedIsRead) {
  const auto frame =
      worker<Collected>(R"({"t":"collected","items":[["a.py::x",4,""],["a.py::y[é]",-1,"g"]],"deselected":3,
    "reports":[{"nodeid":"b.py","report":{"when":"collect","outcome":"failed","longrepr":"E"}}],"testsfailed":1,
    "stopped":"why","lane":["no"],"fast":1,"against_sharded":[],"timeouts":[[1,5000000000]]})");
  ASSERT_EQ(frame.timeouts.size(), 1u);
  EXPECT_EQ(frame.timeouts[0].first, 1u);
  EXPECT_EQ(frame.timeouts[0].second, std::chrono::seconds(5));
  ASSERT_EQ(frame.items.size(), 2u);
  EXPECT_EQ(frame.items[0].node_id, "a.py::x");
  EXPECT_EQ(frame.items[0].line, 4);
  EXPECT_EQ(frame.items[1].node_id, "a.py::y[é]");
  EXPECT_EQ(frame.items[1].group, "g");
  EXPECT_EQ(frame.deselected, 3u);
  ASSERT_EQ(frame.reports.size(), 1u);
  EXPECT_EQ(frame.reports[0].node_id, "b.py");
  EXPECT_EQ(frame.reports[0].report.longrepr, "E");
  EXPECT_EQ(frame.testsfailed, 1);
  EXPECT_EQ(frame.stopped, "why");
  EXPECT_EQ(frame.fast, 1u);
}

TEST(ProtocolWorkerTest, PartsOfCollectedAreRead) {
  const auto part = worker<CollectedPart>(R"({"t":"collected_part","items":[["a.py::x",4,""]],"reports":[]})").part;
  EXPECT_EQ(part.items.at(0).node_id, "a.py::x");
  const auto of_items =
      worker<CollectedPart>(R"({"t":"collected_part","items":[],"reports":[],"timeouts":[[7,5]],"marks":[[9,["m"]]]})");
  EXPECT_EQ(of_items.part.timeouts.at(0).first, 7u);
  EXPECT_EQ(of_items.part.marks.at(0).second, Texts{"m"});
}

TEST(ProtocolWorkerTest, ItemsOfAnotherShapeAreNonsense) {
  const auto error = [](const std::string& items) {
    return worker_error(
        R"({"t":"collected","items":)" + items +
        R"(,"deselected":0,"reports":[],"testsfailed":0,"stopped":null,"lane":[],"against_sharded":[]})");
  };
  EXPECT_EQ(error("[]"), "");
  for (const char* items :
       {R"(["a"])", R"([["a",1]])", R"([["a",1,"",2]])", R"([[1,1,""]])", R"([["a","1",""]])", "{}"}) {
    EXPECT_EQ(error(items), "nonsense in a frame: collected.items is of the wrong kind") << items;
  }
}

TEST(ProtocolWorkerTest, SmallWorkerFramesAreRead) {
  EXPECT_EQ(worker<NeedFrame>(R"({"t":"need","ordinal":9})").ordinal, 9u);
  EXPECT_EQ(worker<ReadyFrame>(R"({"t":"ready","hooks":[],"against_sharded":["x"]})").against_sharded, Texts{"x"});
  const auto warning = worker<WarningFrame>(R"({"t":"warning","when":"runtest","nodeid":"n","text":"t","category":"C",
    "filename":"f","line":3})")
                           .warning;
  EXPECT_EQ(warning.when + warning.node_id + warning.text + warning.category + warning.filename, "runtestntCf");
  EXPECT_EQ(warning.line, 3);
  const auto property = worker<SuitePropertyFrame>(R"({"t":"suite_property","name":"n","value":"v"})").property;
  EXPECT_EQ(property.name + property.value, "nv");
  const auto question = worker<Question>(R"({"t":"question","id":4,"name":"port","args":{"a":[1,2]}})");
  EXPECT_EQ(question.args, R"({"a":[1,2]})");
  const auto done = worker<DoneFrame>(R"({"t":"done","exit":1,"workeroutput":"packed","written":true})");
  EXPECT_EQ(done.workeroutput, "packed");
  EXPECT_EQ(done.end, (SessionEnd{1, false}));
  EXPECT_TRUE(done.written);
  const auto raised = worker<DoneFrame>(R"({"t":"done","exit":5,"raised":true,"workeroutput":"","written":true})");
  EXPECT_EQ(raised.end, (SessionEnd{5, true}));
}

TEST(ProtocolWorkerTest, StoppedKnowsFourKinds) {
  const auto kind = [](const std::string& name) {
    return worker<StoppedFrame>(R"({"t":"stopped","kind":")" + name + R"(","reason":"r","exit":2})").kind;
  };
  EXPECT_EQ(kind("exit"), StoppedFrame::Kind::exit);
  EXPECT_EQ(kind("interrupted"), StoppedFrame::Kind::interrupted);
  EXPECT_EQ(kind("failed"), StoppedFrame::Kind::failed);
  EXPECT_EQ(kind("internal"), StoppedFrame::Kind::internal);
  EXPECT_EQ(worker_error(R"({"t":"stopped","kind":"tired","reason":"","exit":2})"),
            "nonsense in a frame: stopped.kind is none of exit, interrupted, failed, internal");
}

TEST(ProtocolWorkerTest, AnInternalErrorSaysWhereAndHowIfThatIsKnown) {
  const auto known = worker<StoppedFrame>(
      R"({"t":"stopped","kind":"internal","reason":"E: r","exit":3,"where":"/r/a.py:1","traceback":"T"})");
  EXPECT_EQ(known.where, "/r/a.py:1");
  EXPECT_EQ(known.traceback, "T");
  EXPECT_EQ(worker<StoppedFrame>(R"({"t":"stopped","kind":"internal","reason":"E: r","exit":1})").traceback, "");
}

TEST(ProtocolWorkerTest, WhatAWornWorkerGivesBackIsRead) {
  const auto frame = worker<GaveBackFrame>(R"({"t":"gave_back","ordinal":7,"cause":"leak","detail":"threads: t"})");
  EXPECT_EQ(frame.ordinal, 7u);
  EXPECT_EQ(frame.cause, event::WorkerRecycled::Cause::leak);
  EXPECT_EQ(frame.detail, "threads: t");
  EXPECT_EQ(worker_error(R"({"t":"gave_back","ordinal":7,"cause":"age","detail":""})"),
            "nonsense in a frame: gave_back.cause is none of memory, leak");
}

TEST(ProtocolWorkerTest, StartIsAsDocumented) {
  Start start;
  start.engine_pid = 5;
  start.xmlpath = "out/junit.xml", start.section_limit = 1000;
  start.slot = 2;
  start.worker_id = "gw2";
  start.testrunuid = "u";
  start.env = {{"A", "b"}};
  start.host = true;
  start.config_map = "packed";
  start.inherited = {{"A", "b"}, {"B", std::nullopt}};
  start.want_location = true;
  start.stacks_signal = 43;
  start.broken = {{"/r/test_a.py", "why"}};
  start.leaks = {"ports"};
  start.network = "namespace";
  start.private_home = true;
  start.once = {"url"};
  start.worn_memory = 1024;
  start.worn_leaks = {"threads"};
  start.left_out = {"a.py::t"};
  EXPECT_EQ(
      payload(encode(start)),
      R"({"t":"start","engine_pid":5,"slot":2,"worker_id":"gw2","worker_count":1,"testrunuid":"u","workerinput":true,)"
      R"("attached":false,"fresh":false,"observe":false,"role":"worker","terminal":"trun","lane":"auto","collect":"each","shard":null,)"
      R"("env":{"A":"b"},"attempt":1,"columns":80,"color":false,"maxfail":0,"basetemp":null,)"
      R"("host":true,"config_map":"packed","worker_input":{},"inherited":[["A","b"],["B",null]],)"
      R"("want":{"location":true,"xfail_text":false,"group":false,"xml":false,"host":false,"items":false,"marks":[]},"failed_before":0,)"
      R"("address_space":0,"stacks_signal":43,"broken":{"/r/test_a.py":"why"},"leaks":["ports"],)"
      R"("separation":{"network":"namespace","tmpdir":false,"home":true,"once":["url"]},)"
      R"("xmlpath":"out/junit.xml","section_limit":1000,"worn":{"memory":1024,"leaks":["threads"]},"left_out":["a.py::t"]})");
}

TEST(ProtocolWorkerTest, ShardIsAsDocumented) {
  const auto shard = [](Shard value) {
    Start start;
    start.shard = std::move(value);
    const std::string text = payload(encode(start));
    const std::size_t begin = text.find("\"shard\":") + 8;
    return text.substr(begin, text.find(",\"env\"") - begin);
  };
  EXPECT_EQ(shard({{{"/r/a.py", 1}, {"/r/b.py", 0}}, 2, std::nullopt, {}}),
            R"({"owner":{"/r/a.py":1,"/r/b.py":0},"count":2,"only":null,"imports":[]})");
  EXPECT_EQ(shard({{}, 3, Texts{"/r/a.py"}, {}}), R"({"owner":{},"count":3,"only":["/r/a.py"],"imports":[]})");
}

TEST(ProtocolWorkerTest, FramesToTheWorkerAreAsDocumented) {
  EXPECT_EQ(
      payload(encode(Assign{{"a", "b"}, 2, true, R"({"p":1})", "{}", 3})),
      R"({"t":"assign","items":["a","b"],"low":2,"end":true,"leases":{"p":1},"deadlines":{},"services":[],"attempt":3})");
  Assign alike{{"a", "b", "b"}};
  alike.repeats = {{2, 1}};
  EXPECT_EQ(
      payload(encode(alike)),
      R"({"t":"assign","items":["a","b","b"],"low":1,"end":false,"leases":{},"deadlines":{},"services":[],"attempt":1,"repeats":[[2,1]]})");
  EXPECT_EQ(payload(encode(Answer{9, "[1]", {}, 0})), R"({"t":"answer","id":9,"value":[1],"error":null,"fds":0})");
  EXPECT_EQ(payload(encode(Answer{9, "no json", "why", 1})),
            R"({"t":"answer","id":9,"value":null,"error":"why","fds":1})");
  EXPECT_EQ(payload(encode(Finish{})), R"({"t":"finish"})");
}

}  // namespace
}  // namespace trun
