#include "reporters/terminal.h"

#include <gtest/gtest.h>

#include "tests/unit/reporters/events.h"
#include "tests/unit/reporters/golden.h"
#include "tests/unit/reporters/teller.h"

namespace trun {
namespace {

TerminalOptions options(int verbosity = 0) {
  TerminalOptions o;
  o.verbosity = verbosity;
  o.workers = 2;
  o.rootdir = "/home/me/project";
  return o;
}

/// Each element is one write.
std::vector<std::string> writes(const TerminalOptions& o, const std::vector<RunEvent>& events) {
  std::vector<std::string> out;
  TerminalReporter terminal(o, [&](std::string_view text) {
    out.emplace_back(text);
    return ok_status();
  });
  Teller teller(terminal);
  for (const RunEvent& event : events) EXPECT_TRUE(teller.tell(event).ok());
  return out;
}

std::string text(const TerminalOptions& o, const std::vector<RunEvent>& events) {
  std::string out;
  for (const std::string& write : writes(o, events)) out += write;
  return out;
}

std::vector<RunEvent> passes(std::size_t count) {
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < count; ++i)
    ids.push_back("tests/test_" + std::to_string(i / 40) + ".py::test_" + std::to_string(i));
  std::vector<RunEvent> events{run_started(), collected(ids)};
  for (std::size_t i = 0; i < count; ++i) events.emplace_back(passed(static_cast<ItemIndex>(i)));
  events.emplace_back(run_finished(0));
  return events;
}

TEST(TerminalTest, EveryOutcome) { expect_golden("terminal.txt", text(options(), every_outcome())); }

TEST(TerminalTest, EveryOutcomeInColour) {
  TerminalOptions o = options();
  o.color = true;
  expect_golden("terminal_color.txt", text(o, every_outcome()));
}

TEST(TerminalTest, EveryOutcomeVerbose) {
  TerminalOptions o = options(1);
  o.reportchars = "A";
  expect_golden("terminal_verbose.txt", text(o, every_outcome()));
}

TEST(TerminalTest, EveryOutcomeWithoutWorkers) {
  TerminalOptions o = options();
  o.workers = 0;
  o.durations = 5;
  o.junit_path = "/home/me/project/junit.xml";
  expect_golden("terminal_n0.txt", text(o, every_outcome(0)));
}

TEST(TerminalTest, EveryOutcomeWithoutWorkersVerbose) {
  TerminalOptions o = options(1);
  o.workers = 0;
  o.durations = 0;
  expect_golden("terminal_n0_verbose.txt", text(o, every_outcome(0)));
}

TEST(TerminalTest, EveryOutcomeQuiet) { expect_golden("terminal_quiet.txt", text(options(-1), every_outcome())); }

TEST(TerminalTest, VeryQuietEndsWithoutAClosingLine) {
  EXPECT_EQ(text(options(-2), passes(2)),
            "..                                                                       [100%]\n");
}

TEST(TerminalTest, LettersOfWorkersFillTheLines) {
  EXPECT_EQ(text(options(), passes(100)),
            "============================= test session starts ==============================\n"
            "platform linux -- Python 3.11.2, pytest-9.2.0, pluggy-1.7.0\n"
            "rootdir: /home/me/project\n"
            "collected 100 items\n"
            "\n"
            "........................................................................ [ 72%]\n"
            "............................                                             [100%]\n"
            "============================= 100 passed in 3.46s ==============================\n");
}

TEST(TerminalTest, WithoutWorkersEachFileHasALine) {
  TerminalOptions o = options(0);
  o.workers = 0;
  o.no_header = true;
  EXPECT_EQ(text(o, passes(100)),
            "============================= test session starts ==============================\n"
            "collected 100 items\n"
            "\n"
            "tests/test_0.py ........................................                 [ 40%]\n"
            "tests/test_1.py ........................................                 [ 80%]\n"
            "tests/test_2.py ....................                                     [100%]\n"
            "\n"
            "============================= 100 passed in 3.46s ==============================\n");
}

TEST(TerminalTest, CollectionErrorsInterrupt) {
  const std::vector<RunEvent> events{run_started(),
                                     collected({"tests/test_a.py::test_b"}, 1, {collect_error(), collect_skip()}),
                                     event::RunStopped{"Interrupted: 1 error during collection"}, run_finished(2)};
  expect_golden("terminal_collect_error.txt", text(options(), events));
}

TEST(TerminalTest, NothingCollected) {
  EXPECT_EQ(text(options(-1), {run_started(), collected({}, 4), run_finished(5)}), "\n4 deselected in 3.46s\n");
  EXPECT_EQ(text(options(-1), {run_started(), collected({}), run_finished(5)}), "\nno tests ran in 3.46s\n");
}

TEST(TerminalTest, StoppedRunShowsNoHundredPercent) {
  TerminalOptions o = options(-1);
  o.tbstyle = "no";
  EXPECT_EQ(
      text(o, {run_started(), collected({"a.py::t", "a.py::u"}), reported(0, {failed_call("assert 0", "t")}),
               ended(1, outcome::NotRun{"stopped"}), event::RunStopped{"stopping after 1 failures"}, run_finished(1)}),
      "F\n"
      "=========================== short test summary info ============================\n"
      "FAILED a.py::t - assert 0\n"
      "!!!!!!!!!!!!!!!!!!!!!!!!!! stopping after 1 failures !!!!!!!!!!!!!!!!!!!!!!!!!!!\n"
      "1 failed in 3.46s\n");
}

TEST(TerminalTest, CrashMessageIsCutToTheWidthUnlessOnCi) {
  const std::vector<RunEvent> events{run_started(), collected({"a.py::t"}),
                                     reported(0, {failed_call("é" + std::string(100, 'm'), "t")}), run_finished(1)};
  TerminalOptions o = options(-1);
  o.tbstyle = "no";
  EXPECT_NE(text(o, events).find("FAILED a.py::t - é" + std::string(59, 'm') + "...\n"), std::string::npos);
  o.ci = true;
  EXPECT_NE(text(o, events).find("FAILED a.py::t - é" + std::string(100, 'm') + "\n"), std::string::npos);
}

TEST(TerminalTest, SkipsFoldByPlaceAndReason) {
  TerminalOptions o = options(-1);
  o.reportchars = "s";
  PhaseReport one = skipped_in("setup", "slow", 7), other = skipped_in("setup", "slow", 8);
  one.skip_by_mark = other.skip_by_mark = true;
  const std::vector<RunEvent> events{run_started(),
                                     collected({"a.py::a", "a.py::b", "a.py::c", "a.py::d", "a.py::e"}),
                                     reported(0, {skipped_in("call", "slow", 5)}),
                                     reported(1, {one}),
                                     reported(2, {skipped_in("call", "slow", 5)}),
                                     reported(3, {skipped_in("call", "slow", 6)}),
                                     reported(4, {other}),
                                     run_finished(0)};
  EXPECT_NE(text(o, events).find("SKIPPED [2] tests/test_a.py:5: slow\n"
                                 "SKIPPED [2] tests/test_a.py: slow\n"
                                 "SKIPPED [1] tests/test_a.py:6: slow\n"),
            std::string::npos);
  o.fold_skipped = false;
  EXPECT_NE(text(o, events).find("SKIPPED a.py::a - Skipped: slow\nSKIPPED a.py::b"), std::string::npos);
}

TEST(TerminalTest, TenWarningsOfOneKindAreCountedByFile) {
  std::vector<RunEvent> events{run_started(), collected({"a.py::t"})};
  for (int i = 0; i < 10; ++i) events.emplace_back(warning("a.py::t" + std::to_string(i), "x.py:1: UserWarning: hm\n"));
  events.emplace_back(warning("b.py::t", "x.py:1: UserWarning: hm\n"));
  events.emplace_back(run_finished(0));
  const std::string all = text(options(), events);
  EXPECT_NE(all.find("\na.py: 10 warnings\nb.py: 1 warning\n  x.py:1: UserWarning: hm\n\n-- Docs"), std::string::npos);
  TerminalOptions o = options();
  o.disable_warnings = true;
  EXPECT_EQ(text(o, events).find("warnings summary"), std::string::npos);
  EXPECT_NE(text(o, events).find("11 warnings in"), std::string::npos);
}

TEST(TerminalTest, SectionsObeyShowCapture) {
  const auto shown = [](const char* what) {
    TerminalOptions o = options();
    o.showcapture = what;
    const std::string all = text(o, every_outcome());
    return std::pair(all.find("Captured stdout call") != std::string::npos,
                     all.find("Captured log call") != std::string::npos);
  };
  EXPECT_EQ(shown("all"), std::pair(true, true));
  EXPECT_EQ(shown("no"), std::pair(false, false));
  EXPECT_EQ(shown("stdout"), std::pair(true, false));
  EXPECT_EQ(shown("log"), std::pair(false, true));
}

TEST(TerminalTest, ReplacedWorkersAreNamedWithVerboseUnlessTestsAreIsolated) {
  using Cause = event::WorkerRecycled::Cause;
  const std::vector<RunEvent> events{run_started(),
                                     collected({"a.py::t"}),
                                     event::WorkerRecycled{1, Cause::memory, "3 MB held, 2 MB allowed", at(1)},
                                     event::WorkerRecycled{0, Cause::isolation, {}, at(2)},
                                     passed(0),
                                     run_finished(0)};
  const std::string verbose = text(options(1), events);
  EXPECT_NE(verbose.find("trun: gw1 is replaced (worker_memory): 3 MB held, 2 MB allowed\n"), std::string::npos);
  EXPECT_EQ(verbose.find("gw0 is replaced"), std::string::npos);
  EXPECT_EQ(text(options(), events).find("is replaced"), std::string::npos);
}

TEST(TerminalTest, NoticesAndOutputStandOnLinesOfTheirOwn) {
  using Level = event::Notice::Level;
  std::vector<RunEvent> events = passes(3);
  events.insert(events.begin() + 3, {event::Notice{Level::detail, "fine point"},
                                     event::Notice{Level::info, "by the way"}, event::Notice{Level::error, "bad"},
                                     event::OutputLine{0, event::OutputLine::Stream::out, "raw \xff line"}});
  TerminalOptions o = options();
  EXPECT_NE(text(o, events).find("\n\n.\ntrun: by the way\ntrun: bad\nraw \xff line\n..   "), std::string::npos)
      << text(o, events);
  o.capture = "no";
  EXPECT_NE(text(o, events).find("trun: bad\nraw \xff line\n..\n"), std::string::npos) << text(o, events);
  o = options(-1);
  EXPECT_EQ(text(o, events).find("by the way"), std::string::npos);
  EXPECT_NE(text(o, events).find("trun: bad\n"), std::string::npos);
  o = options(1);
  EXPECT_NE(text(o, events).find("\ntrun: fine point\n"), std::string::npos);
}

TEST(TerminalTest, CountAndClassicStyles) {
  TerminalOptions o = options(-1);
  o.console_output_style = "count";
  EXPECT_EQ(text(o, passes(12)).substr(0, 80), "............" + std::string(60, ' ') + "[12/12]\n");
  o.console_output_style = "classic";
  EXPECT_EQ(text(o, passes(3)), "...\n3 passed in 3.46s\n");
  o = options(-1);
  o.console_output_style = "times";
  o.workers = 0;
  EXPECT_EQ(text(o, passes(3)).substr(60, 20), "            66.00ms\n");
}

TEST(TerminalTest, TestsThatCouldNotRunAreCounted) {
  const std::string all = text(options(), {run_started(), collected({"a.py::t", "a.py::u"}), passed(0),
                                           ended(1, outcome::NotRun{"no server could be started"}), run_finished(3)});
  EXPECT_NE(all.find("trun: 1 test not run: no server could be started\n"), std::string::npos);
  EXPECT_NE(all.find("= 1 passed in"), std::string::npos);
}

TEST(TerminalTest, TooManyWarningsAreNamed) {
  TerminalOptions o = options(-1);
  o.max_warnings = 0;
  const std::string all =
      text(o, {run_started(), collected({"a.py::t"}), passed(0), warning("", "w"), run_finished(6)});
  EXPECT_NE(all.find("Tests pass, but maximum allowed warnings exceeded: 1 > 0\n"), std::string::npos);
}

TEST(TerminalTest, LettersWaitForTheirLineWithoutATerminal) {
  std::vector<RunEvent> events = passes(100);
  const std::vector<std::string> out = writes(options(), events);
  EXPECT_LT(out.size(), 7u);
  event::Progress progress;
  progress.at = at(2);
  events.insert(events.begin() + 5, progress);
  EXPECT_EQ(writes(options(), events).size(), out.size() + 1);
}

TEST(TerminalTest, NoControlCodesWithoutATerminal) {
  for (int verbosity = -2; verbosity < 3; ++verbosity) {
    EXPECT_EQ(text(options(verbosity), every_outcome()).find('\x1b'), std::string::npos);
  }
}

TEST(TerminalTest, LiveLineOnATerminal) {
  TerminalOptions o = options();
  o.is_tty = o.color = true;
  o.columns = 50;
  event::Progress now;
  now.at = at(2.5);
  now.running = {{0, 1, Phase::call, at(2)}, {1, 2, Phase::setup, at(1)}};
  now.left = after(3);
  std::vector<RunEvent> events{run_started(),
                               collected({"a.py::t", "a.py::u", "a.py::v"}),
                               passed(0),
                               now,
                               reported(1, {failed_call("assert 0", "u")}),
                               event::Notice{event::Notice::Level::info, "hm"},
                               now,
                               passed(2),
                               run_finished(1)};
  std::string all;
  for (const std::string& write : writes(o, events)) all += "<" + write + ">\n";
  expect_golden("terminal_live.txt", all);
}

TEST(TerminalTest, LinesOfStderrKeepTheirStreamAndTheirPlace) {
  std::string all;
  const auto sink = [&](const char* name) {
    return [&all, name](std::string_view text) {
      all += std::string(name) + "<" + std::string(text) + ">";
      return ok_status();
    };
  };
  TerminalOptions o = options();
  o.no_header = true;
  TerminalReporter terminal(o, sink("out"), sink("err"));
  Teller teller(terminal);
  using Stream = event::OutputLine::Stream;
  for (const RunEvent& event : passes(3)) {
    if (std::holds_alternative<event::RunFinished>(event)) break;
    EXPECT_TRUE(teller.tell(event).ok());
  }
  all.clear();
  EXPECT_TRUE(teller.tell(event::OutputLine{0, Stream::err, "complaint"}).ok());
  EXPECT_TRUE(teller.tell(event::OutputLine{0, Stream::out, "said"}).ok());
  EXPECT_EQ(all, "out<.\n>err<complaint\n>out<said\n>");
}

TEST(TerminalTest, ASinkThatFailsEndsTheReporter) {
  TerminalReporter terminal(options(),
                            [](std::string_view) -> Status { return internal_error("cannot write stdout: EPIPE"); });
  const Status status = Teller(terminal).tell(run_started());
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message, "cannot write stdout: EPIPE");
}

TEST(TerminalOptionsTest, ReportCharsExpandAsPytestDoes) {
  const auto chars = [](const char* given, bool quiet = false) {
    TerminalOptions o;
    o.reportchars = given;
    o.disable_warnings = quiet;
    return o.report_chars();
  };
  EXPECT_EQ(chars("fE"), "wfE");
  EXPECT_EQ(chars("a"), "wsxXEf");
  EXPECT_EQ(chars("A"), "wPpsxXEf");
  EXPECT_EQ(chars("FSf"), "wfs");
  EXPECT_EQ(chars("fENx"), "wx");
  EXPECT_EQ(chars("wf", true), "f");
}

}  // namespace
}  // namespace trun
