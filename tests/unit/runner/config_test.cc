#include "runner/config/config.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>

#include "runner/config/config_file.h"
#include "runner/config/option.h"
#include "runner/config/option_value.h"
#include "runner/config/show_config.h"
#include "tests/unit/temporary_tree.h"

namespace trun {
namespace {

namespace fs = std::filesystem;
using Args = std::vector<std::string>;
using Kind = Numprocesses::Kind;

/// A project in a temporary folder that bounds the search for configuration files by a `.git`.
class ConfigTest : public testing::Test {
 protected:
  ConfigTest() {
    fs::create_directories(root_ / ".git");
    fs::create_directories(root_ / "a" / "b");
  }

  void write(const std::string& name, const std::string& text) { tree_.write(name, text); }

  Result<Config> load(const Args& args, const std::string& below = "a/b") { return load_config(args, root_ / below); }

  /// The message, with the folder's name taken out.
  std::string error(const Args& args, const std::string& below = "a/b") {
    const auto result = load(args, below);
    if (result) return "no error";
    EXPECT_EQ(result.error().kind, Error::Kind::usage);
    return without_root(result.error().message);
  }

  std::string without_root(std::string text) const {
    const std::string prefix = root_.string() + "/";
    for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix)) text.erase(at, prefix.size());
    return text;
  }

  const TemporaryTree tree_;
  const fs::path root_ = tree_.root();
};

TEST_F(ConfigTest, DefaultsHoldWithoutFileAndOptions) {
  const Config config = *load({});
  EXPECT_EQ(config.numprocesses, (Numprocesses{Kind::automatic, 0}));
  EXPECT_EQ(config.dist, DistMode::load);
  EXPECT_EQ(config.collect, RequestedCollect::automatic);
  EXPECT_EQ(config.lane, LaneMode::automatic);
  EXPECT_EQ(config.maxprocesses, std::nullopt);
  EXPECT_EQ(config.python + config.junitxml + config.metrics + config.events + config.file, "");
  EXPECT_EQ(config.origin("numprocesses"), Origin{});
}

TEST_F(ConfigTest, CommandLineSetsEveryOption) {
  const Config config =
      *load({"-n", "3", "--dist=loadscope", "--maxprocesses", "8", "--max-worker-restart=2", "--collect=once",
             "--lane=standard", "--python=bin/python", "--junitxml=j.xml", "--metrics=../m.json", "--events=/e.jsonl",
             "--isolate=file", "--max-tests-per-worker", "50", "--worker-memory=2GB", "--show-config", "tests", "-v"});
  EXPECT_EQ(config.isolate, Isolation::file);
  EXPECT_EQ(config.max_tests_per_worker, 50u);
  EXPECT_EQ(config.worker_memory, ByteSize{2ull << 30});
  EXPECT_EQ(config.numprocesses, (Numprocesses{Kind::count, 3}));
  EXPECT_EQ(config.dist, DistMode::loadscope);
  EXPECT_EQ(config.maxprocesses, 8u);
  EXPECT_EQ(config.max_worker_restart, 2u);
  EXPECT_EQ(config.collect, RequestedCollect::once);
  EXPECT_EQ(config.lane, LaneMode::standard);
  EXPECT_EQ(config.python, root_ / "a/b/bin/python");
  EXPECT_EQ(config.junitxml, root_ / "a/b/j.xml");
  EXPECT_EQ(config.metrics, root_ / "a/m.json");
  EXPECT_EQ(config.events, "/e.jsonl");
  EXPECT_TRUE(config.show_config);
  EXPECT_EQ(config.pytest_args, (Args{"tests", "-v"}));
  EXPECT_EQ(config.origin("dist").source, Origin::Source::command_line);
}

TEST_F(ConfigTest, LastOfAnOptionCounts) {
  EXPECT_EQ(load({"-n1", "-n", "auto", "-n2"})->numprocesses, (Numprocesses{Kind::count, 2}));
}

TEST_F(ConfigTest, FileSetsEveryKeyAndItsPathsAreRelativeToIt) {
  write("trun.toml",
        "numprocesses = 2\ndist = 'worksteal'\nmaxprocesses = 4\nmax_worker_restart = 1\ncollect = 'each'\n"
        "lane = 'standard'\npython = '.venv/bin/python'\njunitxml = 'out/j.xml'\nmetrics = 'm.json'\nevents = "
        "'e.jsonl'\n");
  const Config config = *load({});
  EXPECT_EQ(config.numprocesses, (Numprocesses{Kind::count, 2}));
  EXPECT_EQ(config.dist, DistMode::worksteal);
  EXPECT_EQ(config.maxprocesses, 4u);
  EXPECT_EQ(config.max_worker_restart, 1u);
  EXPECT_EQ(config.collect, RequestedCollect::each);
  EXPECT_EQ(config.lane, LaneMode::standard);
  EXPECT_EQ(config.python, root_ / ".venv/bin/python");
  EXPECT_EQ(config.junitxml, root_ / "out/j.xml");
  EXPECT_EQ(config.events, root_ / "e.jsonl");
  EXPECT_EQ(config.file, root_ / "trun.toml");
  EXPECT_EQ(config.origin("maxprocesses"), (Origin{Origin::Source::file, root_ / "trun.toml", 3}));
}

TEST_F(ConfigTest, CommandLineWinsOverFile) {
  write("trun.toml", "numprocesses = 'logical'\ndist = 'loadfile'\n");
  const Config config = *load({"-n", "5"});
  EXPECT_EQ(config.numprocesses, (Numprocesses{Kind::count, 5}));
  EXPECT_EQ(config.dist, DistMode::loadfile);
}

TEST_F(ConfigTest, NearestDirectoryWins) {
  write("trun.toml", "numprocesses = 1\n");
  write("a/pyproject.toml", "[tool.trun]\nnumprocesses = 2\n");
  EXPECT_EQ(load({})->numprocesses.count, 2u);
  EXPECT_EQ(load({}, ".")->numprocesses.count, 1u);
}

TEST_F(ConfigTest, TrunTomlWinsOverPyprojectBesideIt) {
  write("a/trun.toml", "numprocesses = 1\n");
  write("a/pyproject.toml", "[tool.trun]\nnumprocesses = 2\n");
  EXPECT_EQ(load({})->file, root_ / "a/trun.toml");
}

TEST_F(ConfigTest, PyprojectWithoutOurTableDoesNotStopTheSearch) {
  write("a/b/pyproject.toml", "[tool.other]\nnumprocesses = 'x'\n");
  write("trun.toml", "numprocesses = 1\n");
  EXPECT_EQ(load({})->file, root_ / "trun.toml");
}

TEST_F(ConfigTest, SearchStopsAtTheRepository) {
  fs::create_directories(root_ / "a" / ".git");
  write("trun.toml", "numprocesses = 1\n");
  EXPECT_EQ(load({})->file, "");
}

TEST_F(ConfigTest, NamedFileReplacesTheSearch) {
  write("trun.toml", "numprocesses = 1\n");
  write("a/ci.toml", "numprocesses = 7\njunitxml = 'j.xml'\n");
  const Config config = *load({"--config", "../ci.toml"});
  EXPECT_EQ(config.numprocesses.count, 7u);
  EXPECT_EQ(config.junitxml, root_ / "a/j.xml");
  EXPECT_EQ(config.file, root_ / "a/ci.toml");
}

TEST_F(ConfigTest, NamedFileMustBeReadable) {
  EXPECT_EQ(error({"--config=none.toml"}),
            "cannot read the configuration file a/b/none.toml: No such file or directory");
  EXPECT_EQ(error({"--config=.."}), "cannot read the configuration file a/: Is a directory");
  write("pyproject.toml", "[tool]\n");
  EXPECT_EQ(error({"--config=../../pyproject.toml"}), "the configuration file pyproject.toml has no table [tool.trun]");
}

TEST_F(ConfigTest, EmptyFileSetsNothing) {
  write("trun.toml", "");
  EXPECT_EQ(load({})->file, root_ / "trun.toml");
}

TEST_F(ConfigTest, UnknownKeyNamesPlaceAndNearestKey) {
  write("trun.toml", "dist = 'no'\n  numproceses = 1\n");
  EXPECT_EQ(error({}), "trun.toml:2:3: unknown key 'numproceses'; did you mean 'numprocesses'?");
  write("trun.toml", "[servicez.db]\ncommand = 'x'\n");
  EXPECT_EQ(error({}), "trun.toml:1:2: unknown key 'servicez'; did you mean 'services'?");
  write("trun.toml", "config = 'x'\n");
  EXPECT_EQ(error({}), "trun.toml:1:1: unknown key 'config'");
}

TEST_F(ConfigTest, WrongTypeNamesPlaceKeyAndBothTypes) {
  write("trun.toml", "dist = 3\n");
  EXPECT_EQ(
      error({}),
      "trun.toml:1:8: key 'dist': must be a string (allowed: load, loadfile, loadscope, loadgroup, worksteal, no), not "
      "an integer");
  write("trun.toml", "maxprocesses = '3'\n");
  EXPECT_EQ(error({}), "trun.toml:1:16: key 'maxprocesses': must be an integer, not a string");
  write("trun.toml", "junitxml = ['x']\n");
  EXPECT_EQ(error({}), "trun.toml:1:12: key 'junitxml': must be a string, not an array");
  write("trun.toml", "python = 2020-01-01\n");
  EXPECT_EQ(error({}), "trun.toml:1:10: key 'python': must be a string, not a date or time");
  write("trun.toml", "numprocesses = {}\n");
  EXPECT_EQ(error({}).substr(0, 45), "trun.toml:1:16: key 'numprocesses': must be a");
}

TEST_F(ConfigTest, WrongValueNamesWhatIsAllowed) {
  write("trun.toml", "numprocesses = -1\n");
  EXPECT_EQ(error({}),
            "trun.toml:1:16: key 'numprocesses': invalid value -1 (allowed: a whole number from 0, auto, logical)");
  EXPECT_EQ(error({"-n", "autos"}, "/"),
            "option -n: invalid value 'autos' (allowed: a whole number from 0, auto, logical); did you mean 'auto'?");
  EXPECT_EQ(error({"--dist", "each"}, "/").substr(0, 43), "option --dist: invalid value 'each' (allowe");
  EXPECT_EQ(error({"--maxprocesses=1.5"}, "/"),
            "option --maxprocesses: invalid value '1.5' (allowed: a whole number from 0)");
  EXPECT_EQ(error({"--python="}, "/"), "option --python: must not be empty");
}

TEST_F(ConfigTest, SyntaxErrorNamesThePlace) {
  write("trun.toml", "dist = 'no'\nlane = \n");
  EXPECT_EQ(error({}).substr(0, 37), "trun.toml:2:8: not valid TOML: Error ");
}

// toml++ 3.3: assertions and unreachable places that any text reaches, and a stack as deep as a key.
TEST_F(ConfigTest, NoTextIsTooMuchForTheParser) {
  for (const char* text :
       {"[=", "[.tool]", "[[\n", "[\xc3\xa9]", "\xc3\xa9 = 1", "lane = \xd0\x96", "[a\xe3\x81\x82]"}) {
    write("trun.toml", text);
    EXPECT_EQ(error({}).substr(0, 12), "trun.toml:1:") << text;
  }
  std::string deep = "lane = 'auto'\na";
  for (int i = 0; i < 100'000; ++i) deep += ".a";
  write("trun.toml", deep + " = 1\n");
  EXPECT_EQ(error({}), "trun.toml:2:1: a line with more than 5000 dots, which would be too deep a key");
}

TEST_F(ConfigTest, PathsHaveNoZeroBytes) {
  write("trun.toml", "junitxml = \"a\\u0000b\"\n");
  EXPECT_EQ(error({}), "trun.toml:1:12: key 'junitxml': must not have a zero byte in it");
}

TEST_F(ConfigTest, BrokenPyprojectIsOursOnlyIfItMentionsUs) {
  write("pyproject.toml", "[tool.trun\nlane = 'auto'\n");
  EXPECT_EQ(error({}).substr(0, 17), "pyproject.toml:1:");
  write("pyproject.toml", "[tool.other\n");
  EXPECT_TRUE(load({}).ok());
  write("pyproject.toml", "[tool]\ntrun = 1\n");
  EXPECT_EQ(error({}), "pyproject.toml:2: tool.trun must be a table");
}

TEST_F(ConfigTest, ReportsGoToFiles) {
  for (const char* flag : {"--junitxml", "--metrics", "--events"}) {
    EXPECT_EQ(error({flag, "-"}),
              std::string("option ") + flag +
                  ": '-' is not a file: standard output is the terminal report's; give the path of a file");
    EXPECT_EQ(error({flag, "../b"}),
              std::string("option ") + flag + ": must be the path of a file, and a/b is a directory");
  }
}

TEST_F(ConfigTest, ReportPathsAreExpandedAsPytestDoes) {
  ASSERT_EQ(setenv("TRUN_CONFIG_TEST", "/x", 1), 0);
  const std::string home = getenv("HOME") ? getenv("HOME") : "~";
  EXPECT_EQ(load({"--junitxml=$TRUN_CONFIG_TEST/j.xml"})->junitxml, "/x/j.xml");
  EXPECT_EQ(load({"--junitxml=${TRUN_CONFIG_TEST}y/j.xml"})->junitxml, "/xy/j.xml");
  EXPECT_EQ(load({"--junitxml=/$TRUN_CONFIG_UNSET/${/$/j.xml"})->junitxml, "/$TRUN_CONFIG_UNSET/${/$/j.xml");
  EXPECT_EQ(load({"--junitxml=~/j.xml"})->junitxml, home + "/j.xml");
  unsetenv("TRUN_CONFIG_TEST");
}

TEST_F(ConfigTest, BareInterpreterNameIsLeftForPath) {
  EXPECT_EQ(load({"--python", "python3.12"})->python, "python3.12");
}

TEST_F(ConfigTest, HelpAndVersionNeedNoValidFile) {
  write("trun.toml", "broken");
  EXPECT_TRUE(load({"-h"})->help);
  EXPECT_TRUE(load({"--version"})->version);
}

TEST_F(ConfigTest, PytestHelpHandsHelpToPytest) {
  EXPECT_EQ(load({"tests", "--pytest-help", "--", "x"})->pytest_args, (Args{"--help", "tests", "--", "x"}));
}

std::string effective(Config config, const std::vector<std::pair<std::string, std::string>>& addopts = {}) {
  EXPECT_TRUE(take_addopts(addopts, config).ok());
  return show(effective_numprocesses(config));
}

TEST_F(ConfigTest, NumprocessesComesFromTheNearestPlace) {
  EXPECT_EQ(effective(*load({})), "\"auto\"");
  EXPECT_EQ(effective(*load({}), {{"-n", "3"}}), "3");
  EXPECT_EQ(effective(*load({"-n2"}), {{"-n", "3"}}), "2");
  write("trun.toml", "numprocesses = 'logical'\n");
  EXPECT_EQ(effective(*load({}), {{"-n", "3"}}), "\"logical\"");
}

TEST_F(ConfigTest, DistNoIsOneWorkerUnlessANumberWeighsAsMuch) {
  EXPECT_EQ(effective(*load({"--dist=no"})), "0");
  EXPECT_EQ(effective(*load({"--dist=no"}), {{"-n", "3"}}), "0");
  EXPECT_EQ(effective(*load({}), {{"-n", "3"}, {"--dist", "no"}}), "3");
  EXPECT_EQ(effective(*load({}), {{"--dist", "no"}}), "0");
  EXPECT_EQ(effective(*load({"--dist=no", "-n2"})), "2");
  write("trun.toml", "numprocesses = 4\n");
  EXPECT_EQ(effective(*load({"--dist=no"})), "0");
  write("trun.toml", "dist = 'no'\n");
  EXPECT_EQ(effective(*load({"-n2"})), "2");
}

TEST_F(ConfigTest, AddoptsCountWhereNothingNearerSpeaks) {
  Config config = *load({"--maxprocesses=2", "--no-loadscope-reorder"});
  ASSERT_TRUE(take_addopts({{"--dist", "loadfile"},
                            {"--maxprocesses", "5"},
                            {"--max-worker-restart", "1"},
                            {"--maxschedchunk", "3"},
                            {"--loadscope-reorder", ""},
                            {"--testrunuid", "me"}},
                           config)
                  .ok());
  EXPECT_EQ(config.dist, DistMode::loadfile);
  EXPECT_EQ(config.maxprocesses, 2u);
  EXPECT_EQ(config.max_worker_restart, 1u);
  EXPECT_EQ(config.maxschedchunk, 3u);
  EXPECT_FALSE(config.loadscope_reorder);
  EXPECT_EQ(config.testrunuid, "me");
  EXPECT_EQ(config.origin("dist").source, Origin::Source::addopts);
}

TEST_F(ConfigTest, WhatAddoptsCannotHaveIsRefusedByName) {
  const auto refused = [&](const std::string& flag, const std::string& value) {
    Config config = *load({});
    const Status status = take_addopts({{flag, value}}, config);
    EXPECT_EQ(status.error().kind, Error::Kind::usage);
    return status.error().message;
  };
  EXPECT_EQ(
      refused("--px", "x"),
      "xdist's option --px is not supported: trun starts local workers only; leave it out (in pytest's addopts or "
      "PYTEST_ADDOPTS)");
  EXPECT_EQ(
      refused("--dist", "each").find("option --dist (in pytest's addopts or PYTEST_ADDOPTS): invalid value 'each'"),
      0u);
}

TEST(DistModeTest, MapsToWhatStaysTogether) {
  using Affinity = SchedulerOptions::Affinity;
  EXPECT_EQ(affinity(DistMode::load), Affinity::item);
  EXPECT_EQ(affinity(DistMode::worksteal), Affinity::item);
  EXPECT_EQ(affinity(DistMode::loadfile), Affinity::file);
  EXPECT_EQ(affinity(DistMode::loadscope), Affinity::scope);
  EXPECT_EQ(affinity(DistMode::loadgroup), Affinity::group);
}

std::ptrdiff_t keys_in_the_table() {
  // Two spellings of one key ("--no-...") are one line.
  return std::count_if(options().begin(), options().end(),
                       [](const Option& option) { return !option.key.empty() && find_key(option.key) == &option; });
}

TEST_F(ConfigTest, ShowConfigNamesValuesAndOrigins) {
  write("trun.toml", "\ndist = 'loadfile'\n");
  const std::string shown = without_root(show_config(*load({"-n", "2", "--junitxml=/j\".xml", "tests", "-k", "a\nb"})));
  const std::string head =
      "# trun's settings; the command line wins over the file, the file over the default\n"
      "# configuration file: trun.toml\n"
      "# handed to pytest: \"tests\" \"-k\" \"a\\u000Ab\"\n"
      "\n"
      "numprocesses = 2                 # command line\n"
      "dist = \"loadfile\"                # trun.toml:2\n"
      "# maxprocesses is not set        # default\n";
  EXPECT_EQ(shown.substr(0, head.size()), head);
  for (const char* line :
       {"collect = \"auto\"                 # default\n", "timeout = \"3600s\"                # default\n",
        "# run_timeout is not set         # default\n", "junitxml = \"/j\\\".xml\"            # command line\n"}) {
    EXPECT_NE(shown.find("\n" + std::string(line)), std::string::npos) << line << shown;
  }
  EXPECT_EQ(std::count(shown.begin(), shown.end(), '\n'), 4 + keys_in_the_table());
}

TEST_F(ConfigTest, ShownConfigReadsBackAsTheSameConfig) {
  const Config config =
      *load({"-n", "logical", "--dist=no", "--maxprocesses=3", "--max-worker-restart=0", "--collect=sharded",
             "--lane=standard", "--python=p", "--junitxml=j \\\"\x01.xml", "--metrics=m", "--events=e", "a\nb"});
  write("again.toml", show_config(config));
  const Config again = *load({"--config=../../again.toml"});
  for (const Option& option : options()) EXPECT_EQ(shown(option, again), shown(option, config)) << option.key;
}

TEST_F(ConfigTest, ShownTablesReadBackAsTheSameTables) {
  write(
      "trun.toml",
      "[resources]\ngpu = 2\n'a.b' = 1\n[categories.\"s l\"]\npaths = ['a', \"b\\\"\"]\ntimeout = 1.5\nserial = true\n"
      "[[overrides]]\nids = '*x'\n");
  const Config config = *load({});
  write("again.toml", show_config(config));
  const Config again = *load({"--config=../../again.toml"});
  for (const Option& option : options()) EXPECT_EQ(shown(option, again), shown(option, config)) << option.key;
  EXPECT_EQ(again.resources, config.resources);
  EXPECT_EQ(again.categories.at(0).paths, config.categories.at(0).paths);
}

TEST_F(ConfigTest, ShownConfigIsTomlWhateverTheBytes) {
  const std::string shown = show_config(*load({"--metrics=/\xff.json", "--config=/dev/null", "a\x87"}));
  EXPECT_NE(shown.find("metrics = \"/\xef\xbf\xbd.json\""), std::string::npos) << shown;
  EXPECT_TRUE(parse_toml(shown, "shown").ok());
}

}  // namespace
}  // namespace trun
