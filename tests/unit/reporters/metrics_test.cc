#include "reporters/metrics.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/unit/reporters/events.h"
#include "tests/unit/reporters/golden.h"
#include "tests/unit/reporters/teller.h"
#include "tests/unit/temporary_tree.h"

namespace trun {
namespace {

TEST(MetricsTest, EveryOutcome) {
  std::vector<RunEvent> events = every_outcome();
  auto& collection = std::get<event::CollectionFinished>(events[4]);
  collection.reports.push_back(collect_error());
  expect_golden("metrics.json", metrics_json(folded(events)));
}

TEST(MetricsTest, AnEmptyRunIsADocument) {
  const std::string text =
      metrics_json(folded({run_started(), event::RunStopped{"KeyboardInterrupt"}, run_finished(2)}));
  EXPECT_NE(text.find(R"("schema":"trun.metrics/1")"), std::string::npos);
  EXPECT_NE(text.find(R"("stop_reason":"KeyboardInterrupt")"), std::string::npos);
  EXPECT_NE(text.find(R"("slowest_tests":[])"), std::string::npos);
}

TEST(MetricsTest, OnlyTheLastAttemptIsTheVerdict) {
  const RunLog log = folded(
      {run_started(), collected({"a.py::t"}), reported(0, {failed_call("assert 0", "t")}), passed(0), run_finished(0)});
  EXPECT_NE(metrics_json(log).find(R"("finished":1,"attempts":2,"by_outcome":{"passed":1})"), std::string::npos);
}

TEST(MetricsTest, ReplacedWorkersAreCountedByTheOptionThatWantedIt) {
  using Cause = event::WorkerRecycled::Cause;
  const RunLog log = folded({run_started(), event::WorkerRecycled{0, Cause::memory, "3 MB held", at(1)},
                             event::WorkerRecycled{1, Cause::isolation, {}, at(2)},
                             event::WorkerRecycled{1, Cause::isolation, {}, at(3)}, run_finished(0)});
  EXPECT_NE(metrics_json(log).find(R"("recycled":{"isolate":2,"worker_memory":1})"), std::string::npos);
}

TEST(MetricsTest, TwentySlowestLongestFirst) {
  std::vector<std::string> ids;
  for (int i = 0; i < 30; ++i) ids.push_back("a.py::t" + std::to_string(i));
  std::vector<RunEvent> events{run_started(), collected(ids)};
  for (ItemIndex i = 0; i < 30; ++i) {
    auto test = passed(i);
    test.result.call = after(i);
    events.emplace_back(test);
  }
  const std::string text = metrics_json(folded(events));
  EXPECT_LT(text.find("a.py::t29"), text.find("a.py::t28"));
  EXPECT_NE(text.find("a.py::t10\""), std::string::npos);
  EXPECT_EQ(text.find("a.py::t9\""), std::string::npos);
}

TEST(MetricsTest, InvalidBytesAreReplaced) {
  const std::string text =
      metrics_json(folded({run_started(), collected({"a.py::t[\xff]"}), passed(0), run_finished(0)}));
  EXPECT_NE(text.find("a.py::t[\ufffd]"), std::string::npos);
}

TEST(MetricsReporterTest, WritesOnceTheRunIsOver) {
  const TemporaryTree tree;
  const std::string path = tree.path("metrics.json");
  MetricsReporter reporter(path);
  Teller teller(reporter);
  for (const RunEvent& event : every_outcome()) ASSERT_TRUE(teller.tell(event).ok());
  EXPECT_EQ(read_text(path), metrics_json(folded(every_outcome())));
}

}  // namespace
}  // namespace trun
