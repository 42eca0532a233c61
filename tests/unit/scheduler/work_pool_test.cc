// What the pool knows of the queues of workers; what it gives to whom is in scheduler_test.cc.
#include "scheduler/work_pool.h"

#include <gtest/gtest.h>

#include "tests/unit/scheduler/collections.h"

namespace trun {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// Guessed at a millisecond a test: a and b are of slot 0, c and d of slot 1.
TEST(WorkPoolTest, WhatQuickTestsWereGuessedAtDoesNotStayInTheQueuesWeight) {
  const Collection collection = collection_of("a:300 b:100 c:2 d:300");
  const Partition parts = partition(collection, SchedulerOptions());
  Estimates estimates(collection, {});
  const TakeoverCost cost;
  WorkPool pool(collection, parts, estimates, cost, 2);
  pool.share_all(false);
  ChunkSize chunk;
  chunk.items = 1;
  chunk.exact = true;
  chunk.spare = 1000;
  chunk.nanoseconds = 1e18;
  ASSERT_EQ(pool.take(1, chunk), std::vector<ItemIndex>{400});
  chunk.items = 400;
  const std::vector<ItemIndex> taken = pool.take(0, chunk);
  ASSERT_EQ(taken.size(), 400U);
  ASSERT_EQ(taken.back(), 399U);
  // The last one of them waits to be told what follows.
  estimates.finished(400, milliseconds(500));
  for (std::size_t i = 0; i < 399; ++i) {
    estimates.finished(taken[i], microseconds(1));
    pool.finished(0);
  }
  const std::vector<ItemIndex> more = pool.take(0, chunk);
  ASSERT_FALSE(more.empty());
  EXPECT_EQ(more.front(), 402U);
}

}  // namespace
}  // namespace trun
