#include "scheduler/plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace trun {
namespace {

using Owners = std::vector<Slot>;

std::vector<Duration> costs(const std::vector<int>& milliseconds) {
  std::vector<Duration> estimates;
  for (const int ms : milliseconds) estimates.push_back(std::chrono::milliseconds(ms));
  return estimates;
}

TEST(PlanTest, LongestFileGoesFirstToTheEmptiestWorker) {
  EXPECT_EQ(shard_owners(costs({10, 50, 30, 20}), 2), (Owners{0, 0, 1, 1}));
}

TEST(PlanTest, FilesWithoutEstimateAreSpread) { EXPECT_EQ(shard_owners(costs({0, 0, 0, 0}), 2), (Owners{0, 1, 0, 1})); }

TEST(PlanTest, MoreWorkersThanFiles) { EXPECT_EQ(shard_owners(costs({5, 5}), 4), (Owners{0, 1})); }

TEST(PlanTest, NoFiles) { EXPECT_EQ(shard_owners({}, 2), Owners{}); }

TEST(PlanTest, FilesOfOneDirectoryStayTogetherWhereThatCostsNoBalance) {
  EXPECT_EQ(shard_owners(costs({10, 10, 10, 10}), 2, {0, 0, 1, 1}), (Owners{0, 0, 1, 1}));
  EXPECT_EQ(shard_owners(costs({10, 10, 10, 10}), 2, {0, 1, 0, 1}), (Owners{0, 1, 0, 1}));
}

TEST(PlanTest, OneDirectoryIsDividedLikeNone) {
  const auto estimates = costs({40, 30, 20, 10, 5});
  EXPECT_EQ(shard_owners(estimates, 2, {7, 7, 7, 7, 7}), shard_owners(estimates, 2));
}

TEST(PlanTest, DirectoriesNeverMakeTheLongestShardLongerThanOneFileAboveItsShare) {
  std::mt19937 random(1);
  const auto from = [&](unsigned least, unsigned most) {
    return std::uniform_int_distribution<unsigned>(least, most)(random);
  };
  for (int round = 0; round < 500; ++round) {
    const unsigned workers = from(1, 6);
    std::vector<Duration> estimates;
    std::vector<std::uint32_t> directories;
    for (unsigned files = from(1, 40); files > 0; --files) {
      estimates.push_back(Duration(from(1, 1000)));
      directories.push_back(from(0, 4));
    }
    const Owners owners = shard_owners(estimates, workers, directories);
    std::vector<Duration> loads(workers);
    for (std::size_t i = 0; i < owners.size(); ++i) loads.at(owners[i]) += estimates[i];
    const Duration total = std::accumulate(estimates.begin(), estimates.end(), Duration{0});
    const Duration longest = *std::max_element(estimates.begin(), estimates.end());
    EXPECT_LE(*std::max_element(loads.begin(), loads.end()), total / workers + Duration(1) + longest);
  }
}

}  // namespace
}  // namespace trun
