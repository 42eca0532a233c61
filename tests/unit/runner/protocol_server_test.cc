// The frames between engine and fork server.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "runner/wire/protocol.h"
#include "tests/unit/runner/frame_text.h"

namespace trun {
namespace {

const char* const kConfigured = R"({"t":"configured","version":1,"pytest":"9.2.0","python":"3.11.2","executable":"/p",
"header":["platform linux","rootdir: /r"],"rootdir":"/r","inipath":null,"invocation_dir":"/r/i","args":["a.py"],
"args_source":"ARGS","xdist":[["-n","4"],["--dist","no"]],"auto_workers":3,"ini":{"python_files":["test_*.py"],"norecursedirs":[".*"],"python_functions":["test"],"python_classes":["Test"],
"junit_suite_name":"pytest","junit_family":"xunit2","junit_logging":"no","junit_duration_report":"total",
"junit_log_passing_tests":false,"cache_dir":".pytest_cache","console_output_style":"progress"},
"options":{"verbose":-1,"reportchars":"fE","tbstyle":"auto","xfail_tb":true,"durations":null,"durations_min":0.5,"color":"auto",
"capture":"fd","maxfail":2,"showcapture":"all","no_terminal":false,"no_header":true,"no_summary":false,"disable_warnings":false,
"continue_on_collection_errors":true,"xmlpath":"x.xml","junitprefix":"","max_warnings":null,"cache":false,
"keyword":"k","markexpr":"m","importmode":"prepend","ignore":["/r/x"],"ignore_glob":[],"fold_skipped":true,"force_short_summary":true},
"hooks":[{"hook":"pytest_x","plugin":"p","distribution":"pytest-p","version":"1","path":"/p.py","known":true}],
"conftests":["/r/conftest.py"],"against_sharded":["s"],"against_once":["o"],"against_fast_lane":["l"],
"solo":[],"twin":7,"imports":2000000,"bound":["c.py:1 made a socket"],"bound_plugins":["p"],
"worker_input":{},"timeout_plugin":true,"markers":["slow: x"],"suppress":{"anything":[1]},"later":{"unknown":[]}})";

TEST(ProtocolServerTest, ConfiguredIsReadWhole) {
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

TEST(ProtocolServerTest, AutoWorkersIsANumberOrNothing) {
  const auto with = [](const std::string& value) {
    return replaced(kConfigured, "\"auto_workers\":3", "\"auto_workers\":" + value);
  };
  EXPECT_EQ(server<Configured>(with("null")).auto_workers, std::nullopt);
  EXPECT_EQ(server_error(with("\"3\"")), "nonsense in a frame: configured.auto_workers is of the wrong kind");
}

// Every field that the documentation names is needed: without it, the error says which.
TEST(ProtocolServerTest, EveryFieldOfConfiguredIsNeeded) {
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

TEST(ProtocolServerTest, WrongKindsAreNamedWithTheirPlace) {
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

TEST(ProtocolServerTest, SmallServerFramesAreRead) {
  EXPECT_EQ(server<Usage>(R"({"t":"usage","exit":4})").exit, 4);
  EXPECT_TRUE(server<Usage>(R"({"t":"usage","exit":4,"no_pytest":true})").no_pytest);
  const auto forked = server<Forked>(R"({"t":"forked","request":18446744073709551615,"pid":77})");
  EXPECT_EQ(forked.request, 18446744073709551615u);
  EXPECT_EQ(forked.pid, 77);
  EXPECT_EQ(forked.server, 0);
  EXPECT_EQ(server<Forked>(R"({"t":"forked","request":1,"pid":77,"server":78})").server, 78);
  EXPECT_EQ(server<ForkFailed>(R"({"t":"fork_failed","request":3,"error":"EAGAIN"})").error, "EAGAIN");
  EXPECT_EQ(server<CacheSaved>(R"({"t":"cache_saved","error":null})").error, std::nullopt);
  EXPECT_EQ(server<CacheSaved>(R"({"t":"cache_saved","error":"full"})").error, "full");
}

TEST(ProtocolServerTest, FramesToTheServerAreAsDocumented) {
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
            R"({"t":"fork","request":7,"role":"collector","fds":6,"basetemp":true,"in_place":false})");
  EXPECT_EQ(payload(encode(SaveCache{{{"a", "passed"}}, {"a"}, {"b.py"}, {{"a.py", 0.25}}, {{"/r/c.py", "c.py:1 x"}}})),
            R"({"t":"save_cache","results":{"a":"passed"},"collected":["a"],"failed_collect":["b.py"],)"
            R"("durations":{"a.py":2.5E-1},"bound":[["/r/c.py","c.py:1 x"]],"more":false})");
  EXPECT_EQ(payload(encode(Exit{})), R"({"t":"exit"})");
}

}  // namespace
}  // namespace trun
