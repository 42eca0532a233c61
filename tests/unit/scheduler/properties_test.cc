// The guarantees of scheduler.h over thousands of random stories (world.h), judged by an independent book (ledger.h).
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/scheduler/world.h"

namespace trun {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using Affinity = SchedulerOptions::Affinity;

Collection random_collection(Dice& dice) {
  Collection collection;
  const unsigned files = dice.from(0, 14);
  for (unsigned f = 0; f < files; ++f) {
    const FileIndex file = add_file(collection, "t" + std::to_string(f) + ".py");
    const unsigned items = dice.one_in(6) ? dice.from(20, 120) : dice.from(1, 8);
    for (unsigned i = 0; i < items; ++i) {
      const std::string in_class = dice.from(0, 2) ? "" : "TestA::";
      const std::string group = dice.one_in(5) ? "g" + std::to_string(dice.from(0, 2)) : "";
      add_item(collection, file, in_class + "test_" + std::to_string(i), group);
    }
  }
  return collection;
}

std::vector<Duration> estimates_of(const Collection& collection, const std::vector<Duration>& durations) {
  std::vector<Duration> estimates;
  for (const TestFile& file : collection.files) {
    Duration sum{0};
    for (const ItemIndex item : file.items) sum += durations[item];
    estimates.push_back(sum);
  }
  return estimates;
}

/// As known of every second test.
std::vector<Duration> some_of(Dice& dice, std::vector<Duration> durations) {
  for (Duration& duration : durations) duration = dice.one_in(2) ? duration : Duration(0);
  return durations;
}

WorldOptions random_options(Dice& dice, const Collection& collection, bool sharded) {
  WorldOptions options;
  SchedulerOptions& scheduler = options.scheduler;
  scheduler.workers = dice.from(1, 5);
  scheduler.sharded = sharded;
  scheduler.in_order = dice.one_in(8);
  scheduler.affinity = static_cast<Affinity>(dice.from(0, 3));
  const unsigned shortest = dice.one_in(2) ? 20 : 3000, longest = dice.one_in(2) ? shortest * 2 : 40'000;
  for (std::size_t i = 0; i < collection.items.size(); ++i) {
    options.durations.push_back(microseconds(dice.from(shortest, longest)));
  }
  if (dice.one_in(2)) scheduler.file_estimates = estimates_of(collection, options.durations);
  for (std::size_t i = 0; i < collection.files.size(); ++i)
    options.owners.push_back(dice.from(0, scheduler.workers - 1));
  if (!sharded) options.owners.clear();
  return options;
}

void add_trouble(Dice& dice, WorldOptions& options) {
  options.dies_under_test = dice.sometimes(0.1);
  options.dies_between = dice.sometimes(0.1);
  options.dies_early = dice.sometimes(0.6);
  options.unavailable = dice.sometimes(0.6);
  options.fails = dice.sometimes(0.3);
  options.stops_session = dice.sometimes(0.03);
  options.loses_items = dice.sometimes(0.3);
  options.wears_out = dice.sometimes(0.2);
  options.scheduler.maxfail = dice.one_in(3) ? dice.from(1, 5) : 0;
  options.scheduler.max_restarts = dice.one_in(2) ? 100 : dice.from(0, 4);
  if (dice.one_in(5)) options.stop_at = milliseconds(dice.from(0, 100));
  if (dice.one_in(4)) options.longest_latency = milliseconds(20);
}

void add_recycling(Dice& dice, WorldOptions& options, Collection& collection) {
  if (dice.one_in(2)) options.scheduler.max_tests_per_worker = dice.from(1, 12);
  if (dice.one_in(3)) return;
  // Few, many or all.
  const unsigned rarity = dice.from(1, 6);
  for (TestItem& item : collection.items) {
    if (item.file % 3 == 2) item.demands.isolate = Isolation::none;
    if (dice.one_in(rarity)) item.demands.isolate = static_cast<Isolation>(dice.from(1, 2));
  }
  if (dice.one_in(4)) options.scheduler.isolation = static_cast<Isolation>(dice.from(1, 2));
}

std::string told(const World& world) {
  std::string text;
  for (const std::string& complaint : world.ledger.complaints()) text += complaint + "\n";
  return text;
}

/// Sums over all stories: a property over stories in which nothing happens would say nothing.
struct Happened {
  int restarts = 0, collects = 0, recycles = 0, worn = 0, crashes = 0, not_run = 0;
};

Happened play(bool sharded, unsigned stories) {
  Happened happened;
  for (unsigned seed = 1; seed <= stories; ++seed) {
    Dice dice(seed * 2 + sharded);
    Collection collection = random_collection(dice);
    WorldOptions options = random_options(dice, collection, sharded);
    add_trouble(dice, options);
    if (dice.one_in(2)) add_recycling(dice, options, collection);
    if (dice.one_in(2)) options.scheduler.test_estimates = some_of(dice, options.durations);
    World world(collection, options, seed);
    world.run();
    EXPECT_EQ(told(world), "") << "seed " << seed;
    if (testing::Test::HasFailure()) break;
    happened.restarts += world.restarts;
    happened.collects += world.collects;
    happened.recycles += world.recycles;
    happened.worn += world.worn;
    happened.crashes += world.crashes;
    happened.not_run += world.not_run;
  }
  return happened;
}

TEST(SchedulerProperties, EveryStoryKeepsTheGuarantees) {
  const Happened happened = play(false, 4000);
  EXPECT_GT(happened.restarts, 1000);
  EXPECT_GT(happened.crashes, 1000);
  EXPECT_GT(happened.not_run, 100);
  EXPECT_GT(happened.recycles, 1000);
  EXPECT_GT(happened.worn, 1000);
  EXPECT_EQ(happened.collects, 0);
}

TEST(SchedulerProperties, EveryShardedStoryKeepsTheGuarantees) {
  const Happened happened = play(true, 4000);
  EXPECT_GT(happened.restarts, 1000);
  EXPECT_GT(happened.crashes, 1000);
  EXPECT_GT(happened.not_run, 100);
  EXPECT_GT(happened.recycles, 1000);
  EXPECT_GT(happened.worn, 1000);
  EXPECT_GT(happened.collects, 1000);
}

TEST(SchedulerProperties, NobodyIdlesBesideWorkThatIsWorthMoving) {
  for (unsigned seed = 1; seed <= 2000 && !HasFailure(); ++seed) {
    Dice dice(seed);
    Collection collection = random_collection(dice);
    WorldOptions options = random_options(dice, collection, dice.one_in(2));
    options.dies_under_test = dice.sometimes(0.05);
    options.scheduler.max_restarts = 1'000'000;
    options.wears_out = dice.sometimes(0.1);
    const bool recycling = dice.one_in(2);
    if (recycling) add_recycling(dice, options, collection);
    // Every test is longer than what a move costs, even one to a fresh process, and (sharded, where
    // this decides more) it is known how long.
    const Duration shortest = milliseconds(options.scheduler.sharded ? (recycling ? 70 : 20) : 300);
    for (Duration& duration : options.durations) duration = std::max(duration, shortest);
    options.scheduler.file_estimates = estimates_of(collection, options.durations);
    options.check_idle = true;
    options.scheduler.test_estimates = some_of(dice, options.durations);
    World world(collection, options, seed);
    world.run();
    EXPECT_EQ(told(world), "") << "seed " << seed;
  }
}

TEST(SchedulerProperties, OneWorkerInOrderRunsInCollectionOrderWhateverDies) {
  for (unsigned seed = 1; seed <= 500 && !HasFailure(); ++seed) {
    Dice dice(seed);
    Collection collection = random_collection(dice);
    WorldOptions options = random_options(dice, collection, false);
    options.scheduler.workers = 1;
    options.scheduler.in_order = true;
    options.scheduler.max_restarts = 1'000'000;
    options.dies_under_test = dice.sometimes(0.1);
    options.dies_between = dice.sometimes(0.1);
    options.wears_out = dice.sometimes(0.1);
    if (dice.one_in(2)) add_recycling(dice, options, collection);
    World world(collection, options, seed);
    world.run();
    EXPECT_EQ(told(world), "") << "seed " << seed;
    EXPECT_TRUE(std::is_sorted(world.verdicts.begin(), world.verdicts.end())) << "seed " << seed;
    EXPECT_EQ(world.verdicts.size(), collection.items.size());
  }
}

// Pull scheduling is at most one test (and the next, which a worker must know) away from an even division.
TEST(SchedulerProperties, WorkersEndAboutTheSameTime) {
  for (unsigned seed = 1; seed <= 300 && !HasFailure(); ++seed) {
    Dice dice(seed);
    Collection collection = random_collection(dice);
    WorldOptions options = random_options(dice, collection, false);
    options.scheduler.in_order = false;
    options.scheduler.affinity = Affinity::item;
    if (dice.one_in(2)) options.scheduler.file_estimates.clear();
    Duration total{0}, longest{0};
    for (const Duration d : options.durations) {
      total += d;
      longest = std::max(longest, d);
    }
    World world(collection, options, seed);
    world.run();
    const Duration even = total / options.scheduler.workers;
    // What is in a queue cannot be taken back: two chunks of 25 ms, or before anything is known 16 tests each, at most.
    // And no fresh process is started to spare others less than 250 ms.
    EXPECT_LE(world.finished_at, even + 3 * longest + milliseconds(310)) << "seed " << seed;
  }
}

// urllib3's test_wait.py, in a first run: behind a thousand quick tests, and some quick ones of its own, it waits.
TEST(SchedulerProperties, SlowTestsAtTheEndOfAFirstRunAreShared) {
  for (unsigned seed = 1; seed <= 300 && !HasFailure(); ++seed) {
    Dice dice(seed);
    const unsigned workers = dice.from(2, 4), quick = dice.from(0, 6), slow = 4 * workers;
    Collection collection =
        collection_of("a:" + std::to_string(dice.from(50, 1000)) + " b:" + std::to_string(quick + slow));
    WorldOptions options;
    options.scheduler.workers = workers;
    for (std::size_t i = 0; i < collection.items.size(); ++i)
      options.durations.push_back(i + slow < collection.items.size() ? microseconds(500) : milliseconds(1000));
    World world(collection, options, seed);
    world.run();
    EXPECT_EQ(told(world), "") << "seed " << seed;
    // An even share is four; three more at most, as above.
    EXPECT_LE(world.finished_at, milliseconds(7310)) << "seed " << seed << ", " << workers << " workers";
  }
}

// A process that begins its last test tears down the session's fixtures. Under pytest and xdist none sets them up
// again.
TEST(SchedulerProperties, TheLastTestOfAProcessIsItsLast) {
  for (unsigned seed = 1; seed <= 2000 && !HasFailure(); ++seed) {
    Dice dice(seed);
    Collection collection = random_collection(dice);
    WorldOptions options = random_options(dice, collection, false);
    options.scheduler.file_estimates.clear();
    // Some files are slow: what a run believes after the quick ones is wrong.
    for (ItemIndex i = 0; i < collection.items.size(); ++i)
      if (collection.items[i].file % 2 == seed % 2) options.durations[i] = milliseconds(dice.from(1, 400));
    World world(collection, options, seed);
    world.ledger.ends_are_final = true;
    world.run();
    EXPECT_EQ(told(world), "") << "seed " << seed;
  }
}

// Suites leave state behind: pytest shows it to what comes later in the collection only.
TEST(SchedulerProperties, NoProcessGoesBack) {
  int turned = 0, fresh = 0;
  for (unsigned seed = 1; seed <= 1000 && !HasFailure(); ++seed) {
    Dice dice(seed);
    Collection collection = random_collection(dice);
    WorldOptions options = random_options(dice, collection, false);
    options.scheduler.in_order = false;
    options.scheduler.takes_over = !dice.one_in(4);
    // Each is worth moving; whether a fresh process for what others are behind with pays, at times.
    for (Duration& duration : options.durations)
      duration = std::max<Duration>(duration * (dice.one_in(2) ? 20 : 1), milliseconds(5));
    // Earlier runs tell nothing, or the truth, or of other times.
    if (dice.one_in(2)) options.scheduler.file_estimates.clear();
    for (Duration& estimate : options.scheduler.file_estimates) estimate *= dice.one_in(3) ? dice.from(1, 50) : 1;
    World world(collection, options, seed);
    world.ledger.ends_close_files = true;
    world.run();
    EXPECT_EQ(told(world), "") << "seed " << seed;
    const bool by_unit = options.scheduler.affinity == Affinity::item || options.scheduler.affinity == Affinity::file;
    if (!by_unit) continue;
    for (const auto& [process, items] : world.assigned)
      EXPECT_TRUE(std::is_sorted(items.begin(), items.end())) << "seed " << seed << ", gw" << process.first;
    turned += static_cast<int>(world.assigned.size()) > 1;
    fresh += world.recycles;
    EXPECT_TRUE(options.scheduler.takes_over || world.recycles == 0) << "seed " << seed;
  }
  EXPECT_GT(turned, 100);
  EXPECT_GT(fresh, 100);
}

}  // namespace
}  // namespace trun
