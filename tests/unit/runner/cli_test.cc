#include "runner/config/cli.h"

#include <gtest/gtest.h>

#include "runner/commands/help_text.h"
#include "runner/config/option.h"

namespace trun {
namespace {

using Args = std::vector<std::string>;

/// "first spelling of the option=value ... | argument argument", or "error: message".
std::string split(const Args& args) {
  const auto result = split_command_line(args);
  if (!result) return "error: " + result.error().message;
  std::string out;
  for (const OptionUse& use : result->uses)
    out += std::string(use.option->flags[0]) + (use.value.empty() ? "" : "=" + use.value) + " ";
  out += "|";
  for (const std::string& argument : result->pytest_args) out += " " + argument;
  return out;
}

TEST(CliTest, EverySpellingOfArgparseIsUnderstood) {
  EXPECT_EQ(split({"-n4"}), "-n=4 |");
  EXPECT_EQ(split({"-n", "4"}), "-n=4 |");
  EXPECT_EQ(split({"-n=4"}), "-n=4 |");
  EXPECT_EQ(split({"--numprocesses", "4"}), "-n=4 |");
  EXPECT_EQ(split({"--numprocesses=4"}), "-n=4 |");
  EXPECT_EQ(split({"--junit-xml=a=b.xml"}), "--junitxml=a=b.xml |");
}

TEST(CliTest, ShortFlagsBeforeOursInOneWordStayPytests) {
  EXPECT_EQ(split({"-xvn4", "tests"}), "-n=4 | -xv tests");
  EXPECT_EQ(split({"-qn", "auto"}), "-n=auto | -q");
  EXPECT_EQ(split({"-xn=2"}), "-n=2 | -x");
  EXPECT_EQ(split({"-vh"}), "-h | -v");
}

TEST(CliTest, ValueInOneWordWithPytestsOptionStaysPytests) {
  EXPECT_EQ(split({"-rn"}), "| -rn");
  EXPECT_EQ(split({"-knumber"}), "| -knumber");
  EXPECT_EQ(split({"-vkn", "-xpno:cacheprovider"}), "| -vkn -xpno:cacheprovider");
}

TEST(CliTest, SeparateValuesOfPytestsOptionsAreNotOurs) {
  EXPECT_EQ(split({"-k", "-n", "4"}), "| -k -n 4");
  EXPECT_EQ(split({"-vk", "-n"}), "| -vk -n");
  EXPECT_EQ(split({"--rootdir", "--dist", "--deselect", "-n"}), "| --rootdir --dist --deselect -n");
  EXPECT_EQ(split({"--tb=short", "-n", "2"}), "-n=2 | --tb=short");
  EXPECT_EQ(split({"-c", "-n4", "-n", "1"}), "-n=1 | -c -n4");
}

TEST(CliTest, AttachedValueLeavesTheNextWordFree) {
  EXPECT_EQ(split({"-kfast", "-n", "2"}), "-n=2 | -kfast");
  EXPECT_EQ(split({"--maxfail=1", "--dist", "no"}), "--dist=no | --maxfail=1");
}

TEST(CliTest, OptionalValuesOfPytestTakeNoOption) { EXPECT_EQ(split({"--debug", "-n", "2"}), "-n=2 | --debug"); }

TEST(CliTest, OptionWithOptionalValueDoesNotSwallowThePathBehindOurs) {
  EXPECT_EQ(split({"--cov", "-n", "4", "tests"}), "-n=4 | --cov -pmain tests");
  EXPECT_EQ(split({"--cov", "-n4", "--lane=auto", "a", "-n2", "b"}), "-n=4 --lane=auto -n=2 | --cov -pmain a b");
  EXPECT_EQ(split({"--cov", "tests", "-n4", "b"}), "-n=4 | --cov tests b");
  EXPECT_EQ(split({"--cov", "-xn4", "tests"}), "-n=4 | --cov -x tests");
  EXPECT_EQ(split({"--cov=src", "-n4", "tests"}), "-n=4 | --cov=src tests");
  EXPECT_EQ(split({"-xv", "-n4", "tests"}), "-n=4 | -xv tests");
  EXPECT_EQ(split({"-k", "x", "-n4", "tests"}), "-n=4 | -k x tests");
}

TEST(CliTest, AllBehindTwoDashesIsPytests) {
  EXPECT_EQ(split({"-n1", "--", "-n", "4", "--version"}), "-n=1 | -n 4 --version") << "options of pytest's";
  EXPECT_EQ(split({"-n1", "--", "tests", "-n"}), "-n=1 | -- tests -n") << "files";
}

TEST(CliTest, ArgumentsKeepTheirOrder) {
  EXPECT_EQ(split({"b", "--lf", "-v", "-n", "2", "a::t[-n]", "@args", "--cov=x", "-"}),
            "-n=2 | b --lf -v a::t[-n] @args --cov=x -");
}

TEST(CliTest, AbbreviationsAreNotOurs) { EXPECT_EQ(split({"--numproc=4", "--dis", "x"}), "| --numproc=4 --dis x"); }

TEST(CliTest, EmptyWordsAreKept) { EXPECT_EQ(split({"-k", "", "-n", "1"}), "-n=1 | -k "); }

TEST(CliTest, MissingValueNamesTheOption) {
  EXPECT_EQ(
      split({"--dist"}),
      "error: option --dist needs a value, MODE (load, loadfile, loadscope, loadgroup, worksteal or no: what stays on "
      "one worker)");
  EXPECT_EQ(split({"-n", "-x"}).substr(0, 30), "error: option -n needs a value");
  EXPECT_EQ(split({"-n", "--", "4"}).substr(0, 30), "error: option -n needs a value");
}

TEST(CliTest, NegativeNumbersAndASingleDashAreValues) {
  EXPECT_EQ(split({"-n", "-1"}), "-n=-1 |");
  EXPECT_EQ(split({"--events", "-"}), "--events=- |");
}

TEST(CliTest, FlagsTakeNoValue) {
  EXPECT_EQ(split({"--version=3"}), "error: option --version takes no value (given: '3')");
}

TEST(CliTest, OptionsOfXdistThatTrunLacksAreRefusedByName) {
  EXPECT_EQ(split({"--tx", "2*popen"}),
            "error: xdist's option --tx is not supported: trun starts local workers only; give their number with -n");
  for (const char* option : {"--px=x", "--rsyncdir=x", "-f", "--looponfail", "-xf", "-d", "--rsyncignore=x"})
    EXPECT_EQ(split({option}).substr(0, 21), "error: xdist's option") << option;
}

TEST(CliTest, PytestHelpIsAnOptionOfOurs) { EXPECT_EQ(split({"--pytest-help", "--help"}), "--pytest-help -h |"); }

TEST(HelpTest, EveryOptionIsThereInFiftyLines) {
  const std::string help = help_text();
  for (const Option& option : options()) {
    if (option.flags.empty()) continue;  // a table of the file
    EXPECT_NE(help.find(option.flags.back()), std::string::npos) << option.flags.back();
  }
  EXPECT_LE(std::count(help.begin(), help.end(), '\n'), 50);
  EXPECT_NE(help.find("All else is pytest's"), std::string::npos);
}

}  // namespace
}  // namespace trun
