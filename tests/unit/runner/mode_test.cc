#include "runner/config/mode.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "runner/config/config.h"
#include "tests/unit/temporary_tree.h"

namespace trun {
namespace {

class ModeTest : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) { tree_.write(name, text); }

  Result<Config> load(std::vector<std::string> args) { return load_config(args, tree_.root()); }
  std::string error(std::vector<std::string> args) {
    const auto config = load(std::move(args));
    if (config.ok()) return "no error";
    std::string text = config.error().message;
    const std::string root = tree_.root() + "/";
    for (auto at = text.find(root); at != std::string::npos; at = text.find(root)) text.erase(at, root.size());
    return text;
  }

  static std::string variables(const Config& config) {
    std::string out;
    for (const auto& [name, value] : config.environment) out += name + "=" + value + ";";
    return out;
  }

  TemporaryTree tree_;
};

TEST_F(ModeTest, SettingsOfTheModeWinOverTheFileAndLoseToTheCommandLine) {
  write("trun.toml", "timeout = '1s'\ngrace = '1s'\n[modes.full]\ntimeout = '2s'\ngrace = '2s'\nnumprocesses = 3\n");
  const Config config = *load({"--mode", "full", "--grace", "3s"});
  EXPECT_EQ(config.timeout, Duration(std::chrono::seconds(2)));
  EXPECT_EQ(config.grace, Duration(std::chrono::seconds(3)));
  EXPECT_EQ(config.numprocesses.count, 3u);
  EXPECT_EQ(config.origin("timeout").mode, "full");
  EXPECT_EQ(load({})->timeout, Duration(std::chrono::seconds(1)));
}

TEST_F(ModeTest, TheFileMayNameTheMode) {
  write("trun.toml", "mode = 'fast'\n[modes.fast]\ntimeout = '2s'\n[modes.slow]\ntimeout = '9s'\n");
  EXPECT_EQ(load({})->timeout, Duration(std::chrono::seconds(2)));
  EXPECT_EQ(load({"--mode=slow"})->timeout, Duration(std::chrono::seconds(9)));
}

TEST_F(ModeTest, MarkersAndPathsGoToPytestBeforeTheCommandLine) {
  write("trun.toml", "[modes.x]\nmarkers = 'not slow'\npaths = ['tests/a', \"it's\"]\n");
  EXPECT_EQ(load({"--mode=x", "-k", "b"})->pytest_args,
            (std::vector<std::string>{"-m", "not slow", "-o", "testpaths='tests/a' 'it'\"'\"'s'", "-k", "b"}));
}

TEST_F(ModeTest, EnvironmentLaterFilesThenTableWinAndTheProcessOverAll) {
  ASSERT_EQ(setenv("TRUN_MODE_TEST_OUTER", "outer", 1), 0);
  write(".env", "A=1\nB=1\nTRUN_MODE_TEST_OUTER=file\n");
  write(".env.ci", "B=${A}2\nC=${TRUN_MODE_TEST_OUTER}\n");
  write("trun.toml",
        "[modes.x]\nenv_files = ['.env', '.env.ci', { path = 'none', required = false }]\nenv = { D = '<${B}>' }\n");
  EXPECT_EQ(variables(*load({"--mode=x"})), "A=1;B=1;B=12;C=outer;D=<12>;TRUN_MODE=x;");
  unsetenv("TRUN_MODE_TEST_OUTER");
}

TEST_F(ModeTest, BuiltinModesAreThereWithoutATable) {
  for (const char* name : {"lightweight", "integration", "full"}) {
    const Config config = *load({"--mode", name});
    EXPECT_EQ(variables(config), std::string("TRUN_MODE=") + name + ";");
    EXPECT_EQ(config.current_mode()->services.has_value(), std::string(name) == "lightweight");
  }
}

TEST_F(ModeTest, MistakesAreNamed) {
  EXPECT_EQ(error({"--mode=ful"}),
            "there is no mode 'ful' (there are: lightweight, integration, full); did you mean 'full'?; a table "
            "[modes.ful] in trun.toml makes one");
  write("trun.toml", "[modes.x]\nenv_file = ['a']\n");
  EXPECT_EQ(error({}), "trun.toml:2:1: unknown key 'env_file'; did you mean 'env_files'?");
  write("trun.toml", "[modes.x]\ntimeout = 'soon'\n");
  EXPECT_EQ(error({}).substr(0, 59), "trun.toml:2:11: key 'modes.x.timeout': invalid value 'soon'");
  write("trun.toml", "[modes.x]\nenv_files = ['a']\n");
  EXPECT_EQ(error({"--mode=x"}), "cannot read the environment file a");
  EXPECT_EQ(error({}), "no error");
  write("trun.toml", "[modes.x]\nenv_files = [{ required = true }]\n");
  EXPECT_EQ(error({}), "trun.toml:2:14: key 'modes.x.env_files': has no 'path'");
  write("trun.toml", "[modes.x]\nmode = 'y'\n");
  EXPECT_EQ(error({}), "trun.toml:2:1: unknown key 'mode'");
}

}  // namespace
}  // namespace trun
