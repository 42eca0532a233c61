#include <gtest/gtest.h>

#include "tests/unit/scheduler/collections.h"
#include "tests/unit/scheduler/step_text.h"

namespace trun {
namespace {

using std::chrono::milliseconds;

/// Five files of two tests that take 200 ms each.
class ShardedSchedulerTest : public testing::Test {
 protected:
  static SchedulerOptions options() {
    SchedulerOptions options;
    options.workers = 2;
    options.sharded = true;
    options.file_estimates.assign(5, milliseconds(400));
    return options;
  }
  static Collection five_files() { return collection_of("a:2 b:2 c:2 d:2 e:2"); }
  std::string passes(Slot slot, ItemIndex item) { return told_.passes(slot, item, milliseconds(200)); }

  /// The worker with one file runs it and is given nothing of the other's four.
  static void nothing_moves(SchedulerOptions options, Duration took) {
    Told told(five_files(), std::move(options));
    told.ready(0, {0, 1, 2, 3, 4, 5, 6, 7});
    EXPECT_EQ(told.ready(1, {8, 9}), "gw1 runs 8 9 end");
    EXPECT_EQ(told.passes(1, 8, took), "8 passed");
    EXPECT_EQ(told.passes(1, 9, took), "9 passed");
  }

  Told told_{five_files(), options()};
};

TEST_F(ShardedSchedulerTest, AWorkerRunsWhatItCollectedInItsOrder) {
  EXPECT_EQ(told_.ready(0, {0, 1, 4, 5}), "gw0 runs 0 1");
  EXPECT_EQ(told_.ready(1, {2, 3, 6, 7, 8, 9}), "gw1 runs 2 3");
  EXPECT_EQ(passes(0, 0), "0 passed | gw0 runs 4");
  EXPECT_EQ(passes(1, 2), "2 passed | gw1 runs 6");
}

TEST_F(ShardedSchedulerTest, AnIdleWorkerCollectsAWholeFileOfTheBusiest) {
  EXPECT_EQ(told_.ready(0, {0, 1, 2, 3, 4, 5, 6, 7}), "gw0 runs 0 1");
  EXPECT_EQ(told_.ready(1, {8, 9}), "gw1 runs 8 9 end");
  EXPECT_EQ(passes(1, 8), "8 passed | gw1 collects 3");
  EXPECT_EQ(passes(1, 9), "9 passed");
  EXPECT_EQ(told_.needs(1), "");  // the answer is still to come
  EXPECT_EQ(told_.collected(1, {6, 7}), "gw1 runs 6 7");
}

TEST_F(ShardedSchedulerTest, WhileAFileIsCollectedNobodyRunsIt) {
  told_.ready(0, {0, 1, 2, 3, 4, 5, 6, 7});
  told_.ready(1, {8, 9});
  EXPECT_EQ(passes(1, 8), "8 passed | gw1 collects 3");
  EXPECT_EQ(passes(0, 0), "0 passed | gw0 runs 2");
  EXPECT_EQ(passes(0, 1), "1 passed | gw0 runs 3");
  EXPECT_EQ(passes(0, 2), "2 passed | gw0 runs 4");
  EXPECT_EQ(passes(0, 3), "3 passed | gw0 runs 5 end");
  EXPECT_EQ(passes(0, 4), "4 passed");
  EXPECT_EQ(passes(0, 5), "5 passed");
}

TEST_F(ShardedSchedulerTest, WhatCannotBeCollectedAgainGoesBackToItsOwner) {
  told_.ready(0, {0, 1, 2, 3, 4, 5, 6, 7});
  told_.ready(1, {8, 9});
  EXPECT_EQ(passes(1, 8), "8 passed | gw1 collects 3");
  EXPECT_EQ(told_.collected(1, {6}), "gw1 collects 2");
  EXPECT_EQ(passes(0, 0), "0 passed | gw0 runs 6");
}

TEST_F(ShardedSchedulerTest, WhatCannotBeCollectedAgainWithoutItsOwnerIsNotRun) {
  told_.ready(0, {0, 1, 2, 3, 4, 5, 6, 7});
  told_.ready(1, {8, 9});
  EXPECT_EQ(passes(1, 8), "8 passed | gw1 collects 3");
  EXPECT_EQ(told_.dies(0, 0), "0 crashed | start gw0 0 1 2");
  EXPECT_EQ(told_.collected(1, {6}), "7 not_run | gw1 runs 6");
  const auto& lost = std::get<event::TestFinished>(told_.step().events[0]);
  EXPECT_EQ(outcome_reason(lost.result.outcome), "not run: could not be collected again");
}

TEST_F(ShardedSchedulerTest, AReplacementCollectsTheFilesOfItsUnfinishedItems) {
  told_.ready(0, {0, 1, 2, 3});
  told_.ready(1, {4, 5, 6, 7, 8, 9});
  EXPECT_EQ(passes(0, 0), "0 passed | gw0 runs 2");
  EXPECT_EQ(told_.dies(0, 1), "1 crashed | start gw0 1");
  EXPECT_EQ(told_.ready(0, {2, 3}), "gw0 runs 2 3");
}

TEST_F(ShardedSchedulerTest, WhatAReplacementDoesNotFindIsNotRun) {
  told_.ready(0, {0, 1, 2, 3});
  told_.ready(1, {4, 5, 6, 7, 8, 9});
  told_.dies(0, 0);
  EXPECT_EQ(told_.ready(0, {1, 2}), "3 not_run | gw0 runs 1 2");
}

TEST_F(ShardedSchedulerTest, AWorkerLostBeforeItsCollectionIsKnownIsReplacedOnceItsFilesAre) {
  EXPECT_EQ(told_.dies(0), "");
  EXPECT_EQ(told_.ready(1, {4, 5, 6, 7, 8, 9}), "gw1 runs 4 5 | start gw0 0 1");
  EXPECT_EQ(told_.ready(0, {0, 1, 2, 3}), "gw0 runs 0 1");
}

TEST_F(ShardedSchedulerTest, TheFilesOfASlotThatIsGivenUpMove) {
  told_.ready(0, {0, 1, 2, 3, 4, 5, 6, 7});
  told_.ready(1, {8, 9});
  passes(1, 8);
  told_.collected(1, {6, 7});
  EXPECT_EQ(told_.dies(0, 0), "0 crashed | start gw0 0 1 2");
  EXPECT_EQ(told_(worker_event::WorkerUnavailable{0, "no server"}), "");
  passes(1, 9);
  passes(1, 6);
  EXPECT_EQ(told_.collected(1, {1, 2, 3, 4, 5}), "gw1 runs 1");
}

TEST_F(ShardedSchedulerTest, InOrderNothingMovesBetweenLivingWorkers) {
  SchedulerOptions in_order = options();
  in_order.in_order = true;
  nothing_moves(in_order, milliseconds(200));
}

TEST_F(ShardedSchedulerTest, NobodyTakesOverWhereThatIsNotWanted) {
  SchedulerOptions without = options();
  without.takes_over = false;
  nothing_moves(without, milliseconds(200));
}

TEST_F(ShardedSchedulerTest, CheapWorkIsNotWorthCollectingAgain) {
  SchedulerOptions cheap = options();
  cheap.file_estimates.assign(5, milliseconds(4));
  nothing_moves(cheap, milliseconds(2));
}

/// One long file beside a short one; both tests of the latter are over.
class LongFileTest : public testing::Test {
 protected:
  static SchedulerOptions options(SchedulerOptions::Affinity affinity = SchedulerOptions::Affinity::item) {
    SchedulerOptions options;
    options.workers = 2;
    options.sharded = true;
    options.affinity = affinity;
    options.file_estimates = {milliseconds(2000), milliseconds(400)};
    return options;
  }
  static void begin(Told& told) {
    EXPECT_EQ(told.ready(0, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}), "gw0 runs 0 1");
    told.ready(1, {10, 11});
    EXPECT_EQ(told.passes(0, 0, milliseconds(200)), "0 passed | gw0 runs 2");
  }
  static Collection files() { return collection_of("a:10 b:2"); }
};

TEST_F(LongFileTest, IsDividedWhenTheOtherWorkerHasNothingElse) {
  Told told(files(), options());
  begin(told);
  EXPECT_EQ(told.passes(1, 10, milliseconds(200)), "10 passed | gw1 collects 0");
  EXPECT_EQ(told.passes(0, 1, milliseconds(200)), "1 passed | gw0 runs 3");
  told.passes(1, 11, milliseconds(200));
  EXPECT_EQ(told.collected(1, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}), "gw1 runs 6 7");
  EXPECT_EQ(told.passes(1, 6, milliseconds(200)), "6 passed | gw1 runs 8");
  EXPECT_EQ(told.passes(1, 7, milliseconds(200)), "7 passed | gw1 runs 9");
  EXPECT_EQ(told.passes(0, 2, milliseconds(200)), "2 passed | gw0 runs 4");
}

TEST_F(LongFileTest, StaysInOnePieceWhereFilesAreToStayTogether) {
  Told told(files(), options(SchedulerOptions::Affinity::file));
  begin(told);
  EXPECT_EQ(told.passes(1, 10, milliseconds(200)), "10 passed");
  EXPECT_EQ(told.passes(1, 11, milliseconds(200)), "11 passed");
}

TEST_F(LongFileTest, WhatTheOtherWorkerCannotCollectStaysAndIsNotAskedForAgain) {
  Told told(files(), options());
  begin(told);
  told.passes(1, 10, milliseconds(200));
  EXPECT_EQ(told.collected(1, {}), "");
  EXPECT_EQ(told.passes(1, 11, milliseconds(200)), "11 passed");
  for (ItemIndex item = 1; item < 9; ++item) told.passes(0, item, milliseconds(200));
  EXPECT_EQ(told.passes(0, 9, milliseconds(200)), "9 passed | finish gw0 | finish gw1");
}

TEST_F(LongFileTest, StaysInOnePieceWhereAFreshProcessWouldSetUpForLonger) {
  Told told(files(), options());
  EXPECT_EQ(told.ready(0, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}), "gw0 runs 0 1");
  told.ready(1, {10, 11});
  told.passes(0, 0, milliseconds(1200), milliseconds(1000));
  // Seven tests are with nobody, which seem to take 600 ms each.
  EXPECT_NE(told.passes(1, 10, milliseconds(200)), "10 passed");
  Told slower(files(), options());
  slower.ready(0, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  slower.ready(1, {10, 11});
  slower.passes(0, 0, milliseconds(3200), milliseconds(3000));
  slower.passes(0, 1, milliseconds(200));
  slower.passes(0, 2, milliseconds(200));
  EXPECT_EQ(slower.passes(1, 10, milliseconds(200)), "10 passed");
}

TEST_F(LongFileTest, IsNotCollectedAgainForLessThanThatTook) {
  Told told(files(), options());
  begin(told);
  told.passes(1, 10, milliseconds(200));
  told.wait(milliseconds(900));
  EXPECT_EQ(told.collected(1, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}), "gw1 runs 6");
  for (const ItemIndex item : {11, 6, 7, 8, 9}) told.passes(1, item, milliseconds(200));
  // Three tests are left to gw0, 600 ms.
  EXPECT_EQ(told.needs(1), "");
  EXPECT_EQ(told.passes(0, 1, milliseconds(200)), "1 passed | gw0 runs 3");
}

}  // namespace
}  // namespace trun
