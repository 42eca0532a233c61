#include "reporters/run_log.h"

#include <gtest/gtest.h>

#include "tests/unit/reporters/events.h"

namespace trun {
namespace {

TEST(RunLogTest, FoldKeepsWhatReportsNeed) {
  const RunLog log = folded(every_outcome());
  EXPECT_EQ(log.started.run_id, "20240131-run");
  EXPECT_EQ(log.collection.items.size(), 17u);
  EXPECT_EQ(log.collect_reports.size(), 1u);
  EXPECT_EQ(log.results.size(), 17u);
  EXPECT_EQ(log.workers_started.size(), 3u);
  EXPECT_EQ(log.workers_exited.size(), 2u);
  EXPECT_EQ(log.warnings.size(), 2u);
  EXPECT_EQ(log.notices.size(), 1u);
  EXPECT_EQ(log.suite_properties, (std::vector<std::pair<std::string, std::string>>{{"ARCH", "PPC"}}));
  EXPECT_EQ(log.finished.exit_code, 1);
}

TEST(RunLogTest, TheFirstStopReasonStays) {
  const RunLog log = folded({event::RunStopped{"stopping after 1 failures"}, event::RunStopped{"KeyboardInterrupt"}});
  EXPECT_EQ(log.stop_reason, "stopping after 1 failures");
}

TEST(RunLogTest, WallTimeIsTheEnginesOrTheTimeBetweenTheEvents) {
  RunLog log = folded({run_started(), run_finished(0)});
  EXPECT_DOUBLE_EQ(wall_seconds(log), 3.456);
  log.finished.figures.wall = Duration(0);
  EXPECT_DOUBLE_EQ(wall_seconds(log), 4);
  log.finished.at = at(-1);
  EXPECT_DOUBLE_EQ(wall_seconds(log), 0);
}

}  // namespace
}  // namespace trun
