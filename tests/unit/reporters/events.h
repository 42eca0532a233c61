// Runs as literals: lists of RunEvents for the reporters' tests. Times are given in seconds after a fixed start.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "reporters/reporter.h"
#include "reporters/run_log.h"
#include "tests/unit/reporters/reports.h"

namespace trun {

/// The start of every literal run is not the clock's zero: a zero time means "never".
inline TimePoint at(double value) { return TimePoint(std::chrono::seconds(1000)) + after(value); }

inline event::RunStarted run_started(unsigned workers = 2) {
  event::RunStarted e;
  e.run_id = "20240131-run";
  e.at = at(0);
  e.unix_ms = 1706702400123;
  e.header = {"platform linux -- Python 3.11.2, pytest-9.2.0, pluggy-1.7.0", "rootdir: /home/me/project"};
  e.rootdir = "/home/me/project";
  e.workers = workers;
  e.collect = "sharded";
  e.lane = "auto";
  e.why = {"2 workers: 2 processors"};
  return e;
}

inline event::CollectionFinished collected(const std::vector<std::string>& ids, std::size_t deselected = 0,
                                           std::vector<event::CollectReport> reports = {}) {
  event::CollectionFinished e;
  for (const std::string& id : ids) {
    const std::string path(node_path(id));
    auto& files = e.collection.files;
    if (files.empty() || files.back().path != path) files.push_back({path, {}});
    const auto index = static_cast<ItemIndex>(e.collection.items.size());
    e.collection.items.push_back({id, static_cast<FileIndex>(files.size() - 1), static_cast<int>(10 * index), "", {}});
    files.back().items.push_back(index);
  }
  e.collection.deselected = deselected;
  e.reports = std::move(reports);
  e.at = at(0.5);
  return e;
}

/// A plain pass.
inline event::TestFinished passed(ItemIndex item, Slot slot = 0) {
  event::TestFinished e;
  e.result.item = item;
  e.result.slot = slot;
  e.result.outcome = outcome::Passed{};
  e.result.started = at(0.5 + 0.1 * item);
  e.result.setup = after(0.001);
  e.result.call = after(0.02);
  e.result.teardown = after(0.001);
  e.at = at(0.6 + 0.1 * item);
  return e;
}

/// A test with an ending of its own and no reports.
inline event::TestFinished ended(ItemIndex item, Outcome outcome, std::string last_words = "") {
  event::TestFinished e = passed(item);
  e.result.outcome = std::move(outcome);
  e.result.remarks.make().last_words = std::move(last_words);
  return e;
}

inline event::TestFinished reported(ItemIndex item, std::vector<PhaseReport> reports, Slot slot = 0) {
  event::TestFinished e = passed(item, slot);
  e.result.outcome = outcome_of(reports);
  e.result.reports = std::move(reports);
  return e;
}

inline event::CollectReport collect_error() {
  PhaseReport r;
  r.when = "collect";
  r.outcome = "failed";
  r.longrepr = "ImportError while importing test module 'tests/test_broken.py'.\nE   No module named 'nothere'\n";
  r.head_line = "tests/test_broken.py";
  return {"tests/test_broken.py", r};
}

inline event::CollectReport collect_skip() {
  PhaseReport r;
  r.when = "collect";
  r.outcome = "skipped";
  r.skip_path = "/home/me/project/tests/test_win.py";
  r.skip_line = 4;
  r.skip_reason = "Skipped: only on Windows";
  return {"tests/test_win.py", r};
}

inline event::WarningRecorded warning(std::string node_id, std::string text) {
  event::WarningRecorded e;
  e.when = "runtest";
  e.node_id = std::move(node_id);
  e.text = std::move(text);
  e.category = "UserWarning";
  e.filename = "/home/me/project/tests/conftest.py";
  e.line = 7;
  return e;
}

inline event::RunFinished run_finished(int exit_code) {
  event::RunFinished e;
  e.exit_code = exit_code;
  e.at = at(4);
  e.figures.wall = after(3.456);
  e.figures.startup = after(0.25);
  e.figures.collection = after(0.5);
  e.figures.scheduling_idle = after(0.125);
  e.figures.setup = after(0.5);
  e.figures.call = after(2);
  e.figures.teardown = after(0.25);
  e.figures.utilisation = {{0, 0.75}, {1, 0.5}};
  return e;
}

/// Every outcome there is, with sections, properties, warnings, workers that come and go.
inline std::vector<RunEvent> every_outcome(unsigned workers = 2) {
  std::vector<std::string> ids;
  for (const char* name :
       {"test_pass", "test_fail", "test_skip", "test_skip_too", "test_xfail", "test_xpass", "TestC::test_setup_error",
        "test_both", "test_sub", "test_segfault", "test_hang", "test_hungry", "test_exit", "test_leak", "test_mute",
        "test_unstarted", "test_strict[a::b]"}) {
    ids.push_back("tests/test_a.py::" + std::string(name));
  }
  PhaseReport fail = failed_call("assert [1, 2] == [1, 3]\n  \n  At index 1 diff: 2 != 3", "test_fail");
  fail.sections = {{"Captured stdout call", "out\n"}, {"Captured stderr call", "err\n"}, {"Captured log call", "log"}};
  fail.user_properties = {{"ticket", "T-1 & <2>"}};
  PhaseReport torn_down = passed_phase("teardown");
  torn_down.sections = fail.sections;
  torn_down.sections.emplace_back("Captured stdout teardown", "bye\n");
  torn_down.user_properties = {{"ticket", "T-1 & <2>"}, {"late", "yes"}};
  PhaseReport strict = phase("call", "failed", "failed", "F", "FAILED");
  strict.longrepr_is_text = true;
  strict.longrepr = "[XPASS(strict)] should fail\n";
  strict.head_line = "test_strict[a::b]";
  PhaseReport contains = phase("call", "failed", "failed", "F", "FAILED");
  contains.longrepr_is_text = true;
  contains.longrepr = "contains 1 failed subtest\n";
  contains.head_line = "test_sub";
  event::WorkerExited crashed;
  crashed.pid = 101;
  crashed.how = "signal 11 (SIGSEGV)";
  crashed.peak_rss = 50 << 20;
  crashed.cpu = after(1.5);
  crashed.at = at(2);
  event::WorkerExited left = crashed;
  left.pid = 103;
  left.how = "exit 0";
  left.peak_rss = 40 << 20;
  left.at = at(3.9);
  return {
      run_started(workers),
      event::WorkerStarted{0, 101, at(0.1)},
      event::WorkerStarted{1, 102, at(0.1)},
      event::SuiteProperty{"ARCH", "PPC"},
      collected(ids, 3, {collect_skip()}),
      passed(0),
      reported(1, {passed_phase("setup"), fail, torn_down}, 1),
      reported(2, {skipped_in("setup", "not here", 12)}),
      reported(3, {skipped_in("setup", "not here", 12)}),
      reported(4, {passed_phase("setup"), xfailed_call("reason: known bug"), passed_phase("teardown")}),
      reported(5, {passed_phase("setup"), xpassed_call("fixed since"), passed_phase("teardown")}),
      warning(ids[5], "/home/me/project/tests/test_a.py:9: UserWarning: look out\n  warn()\n"),
      warning("", "/home/me/project/tests/test_a.py:9: UserWarning: look out\n  warn()\n"),
      reported(6, {error_in("setup", "RuntimeError: no database", "TestC.test_setup_error")}, 1),
      reported(7, {passed_phase("setup"), failed_call("assert False", "test_both"),
                   error_in("teardown", "RuntimeError: still open", "test_both")}),
      reported(8, {passed_phase("setup"), subtest("passed", "[a]"), subtest("failed", "[b] (i=1)"), contains}),
      ended(9, outcome::Crashed{11, Phase::call}, "Fatal Python error: Segmentation fault\n  File \"a.py\", line 1\n"),
      crashed,
      event::Notice{event::Notice::Level::warning, "worker gw0 died of signal 11 (SIGSEGV), replacing it"},
      event::WorkerStarted{0, 103, at(2.1)},
      ended(10, outcome::TimedOut{Phase::teardown}),
      ended(11, outcome::OutOfMemory{"peak 2.1 GB, limit 2 GB"}),
      ended(12, outcome::PrematureExit{0, Phase::call}),
      ended(13, outcome::Leaked{"process 4711 (sleep 60)"}),
      ended(14, outcome::WorkerLost{"sent nonsense"}),
      ended(15, outcome::NotRun{"no server could be started"}),
      reported(16, {passed_phase("setup"), strict, passed_phase("teardown")}),
      left,
      run_finished(1)};
}

inline RunLog folded(const std::vector<RunEvent>& events) {
  RunLog log;
  for (RunEvent event : events) log.fold(event);
  return log;
}

}  // namespace trun
