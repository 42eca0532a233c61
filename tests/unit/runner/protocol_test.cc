#include "runner/wire/protocol.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "runner/wire/frame.h"

namespace trun {
namespace {

/// The payload of an encoded frame, checked for its length. Keys stand in the order of docs/protocol.md.
std::string payload(const std::string& frame) {
  FrameDecoder decoder;
  decoder.feed(frame);
  const auto next = decoder.next();
  return next.ok() && *next && decoder.pending() == 0 ? std::string(**next) : "not one frame";
}

template <typename Frame>
Frame server(std::string_view text) {
  auto frame = decode_from_server(text);
  if (frame.ok() && std::holds_alternative<Frame>(*frame)) return std::get<Frame>(std::move(*frame));
  ADD_FAILURE() << (frame.ok() ? "another frame" : frame.error().message);
  return {};
}

template <typename Frame>
Frame worker(std::string_view text) {
  auto frame = decode_from_worker(text);
  if (frame.ok() && std::holds_alternative<Frame>(*frame)) return std::get<Frame>(std::move(*frame));
  ADD_FAILURE() << (frame.ok() ? "another frame" : frame.error().message);
  return {};
}

std::string server_error(std::string_view text) {
  const auto frame = decode_from_server(text);
  return frame.ok() ? "" : frame.error().message;
}

std::string worker_error(std::string_view text) {
  const auto frame = decode_from_worker(text);
  return frame.ok() ? "" : frame.error().message;
}

using Texts = std::vector<std::string>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

// ---- from the fork server

const char* const kConfigured = R"({"t":"configured","version":1,"pytest":"9.2.0","python":"3.11.2","executable":"/p",
"header":["platform linux","rootdir: /r"],"rootdir":"/r","inipath":null,"invocation_dir":"/r/i","args":["a.py"],
"args_source":"ARGS","xdist":[["-n","4"],["--dist","no"]],"auto_workers":3,"ini":{"python_files":["test_*.py"],"norecursedirs":[".*"],"python_functions":["test"],"python_classes":["Test"],
"junit_suite_name":"pytest","junit_family":"xunit2","junit_logging":"no","junit_duration_report":"total",
"junit_log_passing_tests":false,"cache_dir":".pytest_cache","console_output_style":"progress"},
"options":{"verbose":-1,"reportchars":"fE","tbstyle":"auto","xfail_tb":true,"durations":null,"durations_min":0.5,"color":"auto",
"capture":"fd","maxfail":2,"showcapture":"all","no_header":true,"no_summary":false,"disable_warnings":false,
"continue_on_collection_errors":true,"xmlpath":"x.xml","junitprefix":"","max_warnings":null,"cache":false,
"keyword":"k","markexpr":"m","importmode":"prepend","ignore":["/r/x"],"ignore_glob":[],"fold_skipped":true,"force_short_summary":true},
"hooks":[{"hook":"pytest_x","plugin":"p","distribution":"pytest-p","version":"1","path":"/p.py","known":true}],
"conftests":["/r/conftest.py"],"against_sharded":["s"],"against_once":["o"],"against_fast_lane":["l"],
"solo":[],"twin":7,"imports":2000000,"bound":["c.py:1 made a socket"],"bound_plugins":["p"],
"worker_input":{},"timeout_plugin":true,"markers":["slow: x"],"suppress":{"anything":[1]},"later":{"unknown":[]}})";

TEST(ProtocolTest, ConfiguredIsReadWhole) {
  const auto frame = server<Configured>(kConfigured);
  EXPECT_EQ(frame.version, 1);
  EXPECT_EQ(frame.header, (Texts{"platform linux", "rootdir: /r"}));
  EXPECT_EQ(frame.inipath, std::nullopt);
  EXPECT_EQ(frame.args, Texts{"a.py"});
  EXPECT_EQ(frame.args_source, "ARGS");
  EXPECT_EQ(frame.xdist, (Pairs{{"-n", "4"}, {"--dist", "no"}}));
  EXPECT_EQ(frame.auto_workers, 3);
  EXPECT_EQ(frame.ini.python_files, Texts{"test_*.py"});
  EXPECT_FALSE(frame.ini.junit_log_passing_tests);
  EXPECT_EQ(frame.ini.console_output_style, "progress");
  EXPECT_EQ(frame.options.verbose, -1);
  EXPECT_EQ(frame.options.durations, std::nullopt);
  EXPECT_EQ(frame.options.durations_min, 0.5);
  EXPECT_EQ(frame.options.maxfail, 2);
  EXPECT_TRUE(frame.options.no_header);
  EXPECT_EQ(frame.options.xmlpath, "x.xml");
  EXPECT_EQ(frame.options.ignore, Texts{"/r/x"});
  EXPECT_TRUE(frame.options.force_short_summary);
  ASSERT_EQ(frame.hooks.size(), 1u);
  EXPECT_EQ(frame.hooks[0].distribution, "pytest-p");
  EXPECT_TRUE(frame.hooks[0].known);
  EXPECT_EQ(frame.against_fast_lane, Texts{"l"});
  EXPECT_EQ(frame.twin, 7);
  EXPECT_EQ(frame.imports, std::chrono::milliseconds(2));
  EXPECT_EQ(frame.bound, Texts{"c.py:1 made a socket"});
  EXPECT_EQ(frame.bound_plugins, Texts{"p"});
  EXPECT_EQ(frame.worker_input, "{}");
  EXPECT_TRUE(frame.timeout_plugin);
}

std::string replaced(std::string text, const std::string& old, const std::string& with) {
  return text.replace(text.find(old), old.size(), with);
}

TEST(ProtocolTest, AutoWorkersIsANumberOrNothing) {
  const auto with = [](const std::string& value) {
    return replaced(kConfigured, "\"auto_workers\":3", "\"auto_workers\":" + value);
  };
  EXPECT_EQ(server<Configured>(with("null")).auto_workers, std::nullopt);
  EXPECT_EQ(server_error(with("\"3\"")), "nonsense in a frame: configured.auto_workers is of the wrong kind");
}

// Every field that the documentation names is needed: without it, the error says which.
TEST(ProtocolTest, EveryFieldOfConfiguredIsNeeded) {
  namespace json = boost::json;
  const auto whole = json::parse(kConfigured).as_object();
  const auto check = [&](const std::string& place, const json::object& without) {
    EXPECT_EQ(server_error(json::serialize(without)), "nonsense in a frame: configured." + place + " is missing");
  };
  for (const auto& field : whole) {
    const std::string key = field.key();
    if (key == "t" || key == "suppress" || key == "later") continue;
    json::object without = whole;
    without.erase(key);
    check(key, without);
    if (!field.value().is_object()) continue;
    for (const auto& inner : field.value().get_object()) {
      json::object partly = whole;
      partly[key].as_object().erase(inner.key());
      check(key + "." + std::string(inner.key()), partly);
    }
  }
}

TEST(ProtocolTest, WrongKindsAreNamedWithTheirPlace) {
  const auto error = [](const std::string& old, const std::string& with) {
    return server_error(replaced(kConfigured, old, with));
  };
  EXPECT_EQ(error("\"verbose\":-1", "\"verbose\":true"),
            "nonsense in a frame: configured.options.verbose is of the wrong kind");
  EXPECT_EQ(error("\"verbose\":-1", "\"verbose\":1.0"),
            "nonsense in a frame: configured.options.verbose is of the wrong kind");
  EXPECT_EQ(error("\"verbose\":-1", "\"verbose\":9999999999"),
            "nonsense in a frame: configured.options.verbose is of the wrong kind");
  EXPECT_EQ(error("\"known\":true", "\"known\":1"),
            "nonsense in a frame: configured.hooks[0].known is of the wrong kind");
  EXPECT_EQ(error("\"solo\":[]", "\"solo\":[1]"), "nonsense in a frame: configured.solo is of the wrong kind");
  EXPECT_EQ(error("\"hooks\":[{", "\"hooks\":[1,{"), "nonsense in a frame: configured.hooks[0] is not an object");
  EXPECT_EQ(error("\"rootdir\":\"/r\",", "\"rootdir\":null,"),
            "nonsense in a frame: configured.rootdir is of the wrong kind");
}

TEST(ProtocolTest, SmallServerFramesAreRead) {
  EXPECT_EQ(server<Usage>(R"({"t":"usage","exit":4})").exit, 4);
  EXPECT_TRUE(server<Usage>(R"({"t":"usage","exit":4,"no_pytest":true})").no_pytest);
  const auto forked = server<Forked>(R"({"t":"forked","request":18446744073709551615,"pid":77})");
  EXPECT_EQ(forked.request, 18446744073709551615u);
  EXPECT_EQ(forked.pid, 77);
  EXPECT_EQ(server<ForkFailed>(R"({"t":"fork_failed","request":3,"error":"EAGAIN"})").error, "EAGAIN");
  EXPECT_EQ(server<CacheSaved>(R"({"t":"cache_saved","error":null})").error, std::nullopt);
  EXPECT_EQ(server<CacheSaved>(R"({"t":"cache_saved","error":"full"})").error, "full");
}

// ---- from a worker

TEST(ProtocolTest, ResultHasItsReportsAndTheOutcomeTheyAddUpTo) {
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

TEST(ProtocolTest, SkipsAndXfailsAreRead) {
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

TEST(ProtocolTest, CollectedIsRead) {
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

TEST(ProtocolTest, PartsOfCollectedAreRead) {
  const auto part = worker<CollectedPart>(R"({"t":"collected_part","items":[["a.py::x",4,""]],"reports":[]})").part;
  EXPECT_EQ(part.items.at(0).node_id, "a.py::x");
  const auto of_items =
      worker<CollectedPart>(R"({"t":"collected_part","items":[],"reports":[],"timeouts":[[7,5]],"marks":[[9,["m"]]]})");
  EXPECT_EQ(of_items.part.timeouts.at(0).first, 7u);
  EXPECT_EQ(of_items.part.marks.at(0).second, Texts{"m"});
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

TEST(ProtocolTest, ItemsOfAnotherShapeAreNonsense) {
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

TEST(ProtocolTest, SmallWorkerFramesAreRead) {
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

TEST(ProtocolTest, StoppedKnowsFourKinds) {
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

TEST(ProtocolTest, AnInternalErrorSaysWhereAndHowIfThatIsKnown) {
  const auto known = worker<StoppedFrame>(
      R"({"t":"stopped","kind":"internal","reason":"E: r","exit":3,"where":"/r/a.py:1","traceback":"T"})");
  EXPECT_EQ(known.where, "/r/a.py:1");
  EXPECT_EQ(known.traceback, "T");
  EXPECT_EQ(worker<StoppedFrame>(R"({"t":"stopped","kind":"internal","reason":"E: r","exit":1})").traceback, "");
}

// ---- nonsense

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

TEST(ProtocolTest, WhatAWornWorkerGivesBackIsRead) {
  const auto frame = worker<GaveBackFrame>(R"({"t":"gave_back","ordinal":7,"cause":"leak","detail":"threads: t"})");
  EXPECT_EQ(frame.ordinal, 7u);
  EXPECT_EQ(frame.cause, event::WorkerRecycled::Cause::leak);
  EXPECT_EQ(frame.detail, "threads: t");
  EXPECT_EQ(worker_error(R"({"t":"gave_back","ordinal":7,"cause":"age","detail":""})"),
            "nonsense in a frame: gave_back.cause is none of memory, leak");
}

// ---- to the peers

TEST(ProtocolTest, FramesToTheServerAreAsDocumented) {
  const std::string plain = R"(,"role":"server","observe":false,"twin":false,"per_worker":[],"timeout":null})";
  const Hello asked{{"-k", "é"}, {"-n4", "-k", "é"},  true, 132,  true,   "/c",
                    true,        Hello::Role::worker, true, true, {"DB"}, std::chrono::milliseconds(1500)};
  EXPECT_EQ(
      payload(encode(asked)),
      R"({"t":"hello","version":1,"args":["-k","é"],"argv":["-n4","-k","é"],"workers":true,"columns":132,"color":true,"cwd":"/c","import_cwd":true,)"
      R"("role":"worker","observe":true,"twin":true,"per_worker":["DB"],"timeout":1.5E0})");
  EXPECT_EQ(
      payload(encode(Hello{})),
      R"({"t":"hello","version":1,"args":[],"argv":[],"workers":null,"columns":80,"color":false,"cwd":"","import_cwd":false)" +
          plain);
  EXPECT_EQ(payload(encode(MakeBasetemp{})), R"({"t":"make_basetemp"})");
  EXPECT_EQ(payload(encode(Fork{Fork::Role::collector, 7, 6, true})),
            R"({"t":"fork","request":7,"role":"collector","fds":6,"basetemp":true})");
  EXPECT_EQ(payload(encode(SaveCache{{{"a", "passed"}}, {"a"}, {"b.py"}, {{"a.py", 0.25}}})),
            R"({"t":"save_cache","results":{"a":"passed"},"collected":["a"],"failed_collect":["b.py"],)"
            R"("durations":{"a.py":2.5E-1},"more":false})");
  EXPECT_EQ(payload(encode(Exit{})), R"({"t":"exit"})");
}

TEST(ProtocolTest, StartIsAsDocumented) {
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

TEST(ProtocolTest, ShardIsAsDocumented) {
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

TEST(ProtocolTest, FramesToTheWorkerAreAsDocumented) {
  EXPECT_EQ(
      payload(encode(Assign{{"a", "b"}, 2, true, R"({"p":1})", "{}", 3})),
      R"({"t":"assign","items":["a","b"],"low":2,"end":true,"leases":{"p":1},"deadlines":{},"services":[],"attempt":3})");
  EXPECT_EQ(payload(encode(Answer{9, "[1]", {}, 0})), R"({"t":"answer","id":9,"value":[1],"error":null,"fds":0})");
  EXPECT_EQ(payload(encode(Answer{9, "no json", "why", 1})),
            R"({"t":"answer","id":9,"value":null,"error":"why","fds":1})");
  EXPECT_EQ(payload(encode(Finish{})), R"({"t":"finish"})");
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
