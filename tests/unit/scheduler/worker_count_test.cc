#include "scheduler/worker_count.h"

#include <gtest/gtest.h>

namespace trun {
namespace {

/// Eight processors, plenty to do.
WorkerCountInput machine(const std::string& requested) {
  WorkerCountInput input;
  input.requested = requested;
  input.processors = 8;
  input.files = 100;
  input.tests = 1000;
  return input;
}

unsigned count(const WorkerCountInput& input) {
  const auto result = worker_count(input);
  EXPECT_TRUE(result.ok());
  return result.ok() ? result->count : 99999;
}

std::string why(const WorkerCountInput& input) { return worker_count(input).value().why; }

TEST(WorkerCountTest, AutoAndLogicalAreTheProcessors) {
  EXPECT_EQ(count(machine("auto")), 8U);
  EXPECT_EQ(count(machine("logical")), 8U);
}

TEST(WorkerCountTest, AQuotaLimitsWhatTheMachineHas) {
  WorkerCountInput input = machine("auto");
  input.cgroup_quota = 1.5;
  EXPECT_EQ(count(input), 2U);
  input.cgroup_quota = 0.2;
  EXPECT_EQ(count(input), 1U);
}

TEST(WorkerCountTest, FreeMemoryLimitsWhatTheMachineHas) {
  WorkerCountInput input = machine("auto");
  input.free_memory = 3 * kWorkerMemory + 1;
  EXPECT_EQ(count(input), 3U);
  input.free_memory = 1;
  EXPECT_EQ(count(input), 1U) << "one worker there always is";
  input.requested = "16";
  EXPECT_EQ(count(input), 16U);
}

TEST(WorkerCountTest, SaysWhatSetIt) {
  WorkerCountInput input = machine("auto");
  EXPECT_EQ(why(input), "8 processors");
  input.cgroup_quota = 5.5;
  EXPECT_EQ(why(input), "cpu quota of the control group (5.5)");
  input.free_memory = 1000ull << 20;
  EXPECT_EQ(why(input), "1000 MB of free memory, 200 MB for each");
  input.tests = 3;
  EXPECT_EQ(why(input), "3 tests");
  input.max_processes = 2;
  EXPECT_EQ(why(input), "--maxprocesses 2");
  input.sharded = true;
  input.files = 1;
  EXPECT_EQ(why(input), "1 file");
  EXPECT_EQ(why(machine("16")), "-n 16");
}

TEST(WorkerCountTest, ANumberIsTakenAtItsWord) {
  WorkerCountInput input = machine("16");
  input.cgroup_quota = 1;
  input.tests = 3;
  EXPECT_EQ(count(input), 16U);
}

TEST(WorkerCountTest, AutoStartsNoMoreWorkersThanThereAreTests) {
  WorkerCountInput input = machine("auto");
  input.tests = 2;
  EXPECT_EQ(count(input), 2U);
}

TEST(WorkerCountTest, ShardedNeverMoreThanFiles) {
  WorkerCountInput input = machine("16");
  input.files = 3;
  EXPECT_EQ(count(input), 16U);
  input.sharded = true;
  EXPECT_EQ(count(input), 3U);
  input.files = 0;
  EXPECT_EQ(count(input), 1U);
}

TEST(WorkerCountTest, MaxprocessesLimitsAll) {
  WorkerCountInput input = machine("auto");
  input.max_processes = 2;
  EXPECT_EQ(count(input), 2U);
  input.requested = "16";
  EXPECT_EQ(count(input), 2U);
}

TEST(WorkerCountTest, ZeroStaysZero) { EXPECT_EQ(count(machine("0")), 0U); }

TEST(WorkerCountTest, NonsenseIsAUsageError) {
  for (const char* text : {"", "x", "-1", "2x", " 2", "2.5", "10001", "99999999999999999999"}) {
    const auto result = worker_count(machine(text));
    ASSERT_FALSE(result.ok()) << text;
    EXPECT_EQ(result.error().kind, Error::Kind::usage);
  }
  EXPECT_EQ(worker_count(machine("x")).error().message,
            "-n takes 'auto', 'logical' or a number from 0 to 10000, not 'x'");
}

}  // namespace
}  // namespace trun
