// The scheduler's resources by properties: random demands, durations, deaths and stops (the scheduler's World), the
// event log that such a run would have written, and the checker that knows nothing of the scheduler.
#include <gtest/gtest.h>

#include "reporters/event_log.h"
#include "tests/allocations/check_allocations.h"
#include "tests/unit/scheduler/demands.h"
#include "tests/unit/scheduler/world.h"

namespace trun {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using Affinity = SchedulerOptions::Affinity;

std::string random_demand(Dice& dice, const SchedulerOptions& options) {
  std::string text;
  for (const auto& [name, capacity] : options.resources) {
    if (!dice.one_in(3)) continue;
    const unsigned mode = dice.from(0, 2);
    text += mode == 0   ? "read:" + name + " "
            : mode == 1 ? "write:" + name + " "
                        : name + ":" + std::to_string(dice.from(1, capacity + dice.one_in(20))) + " ";
  }
  return text + (dice.one_in(12) ? "serial" : "");
}

Collection random_collection(Dice& dice, const SchedulerOptions& options) {
  Collection collection;
  const unsigned files = dice.from(1, 10), different = dice.from(1, 6);
  std::vector<std::string> palette;
  for (unsigned i = 0; i < different; ++i) palette.push_back(random_demand(dice, options));
  for (unsigned f = 0; f < files; ++f) {
    const FileIndex file = add_file(collection, "t" + std::to_string(f) + ".py");
    const unsigned items = dice.one_in(6) ? dice.from(10, 50) : dice.from(1, 6);
    const bool all_the_same = dice.one_in(3), none = dice.one_in(4);
    const std::string one = palette[dice.from(0, different - 1)];
    for (unsigned i = 0; i < items; ++i) {
      const std::string group = dice.one_in(5) ? "g" + std::to_string(dice.from(0, 2)) : "";
      add_item(collection, file, (dice.one_in(3) ? "TestA::test_" : "test_") + std::to_string(i), group);
      const bool plain = none || (!all_the_same && dice.one_in(2));
      if (!plain)
        collection.items.back().demands = demands_of(all_the_same ? one : palette[dice.from(0, different - 1)]);
    }
  }
  return collection;
}

struct Story {
  WorldOptions options;
  Collection collection;
};

Story random_story(Dice& dice, bool sharded) {
  Story story;
  SchedulerOptions& scheduler = story.options.scheduler;
  scheduler.workers = dice.from(1, 5);
  scheduler.sharded = sharded;
  scheduler.in_order = dice.one_in(8);
  scheduler.affinity = dice.one_in(2) ? Affinity::item : static_cast<Affinity>(dice.from(0, 3));
  const unsigned resources = dice.from(1, 3);
  for (unsigned r = 0; r < resources; ++r)
    scheduler.resources.emplace_back(std::string(1, static_cast<char>('a' + r)), dice.from(1, 3));
  story.collection = random_collection(dice, scheduler);
  const unsigned shortest = dice.one_in(2) ? 50 : 3000, longest = shortest * 10;
  for (std::size_t i = 0; i < story.collection.items.size(); ++i)
    story.options.durations.push_back(microseconds(dice.from(shortest, longest)));
  for (std::size_t i = 0; i < story.collection.files.size() && sharded; ++i)
    story.options.owners.push_back(dice.from(0, scheduler.workers - 1));
  return story;
}

void add_trouble(Dice& dice, WorldOptions& options) {
  options.dies_under_test = dice.sometimes(0.1);
  options.dies_between = dice.sometimes(0.05);
  options.dies_early = dice.sometimes(0.3);
  options.unavailable = dice.sometimes(0.3);
  options.lingers = dice.sometimes(1);
  options.fails = dice.sometimes(0.3);
  options.stops_session = dice.sometimes(0.02);
  options.loses_items = dice.sometimes(0.2);
  options.wears_out = dice.sometimes(0.1);
  options.scheduler.maxfail = dice.one_in(4) ? dice.from(1, 5) : 0;
  options.scheduler.max_restarts = dice.one_in(2) ? 100 : dice.from(0, 4);
  if (dice.one_in(3)) options.scheduler.max_tests_per_worker = dice.from(1, 12);
  if (dice.one_in(6)) options.stop_at = milliseconds(dice.from(0, 100));
}

/// The log of the run, as EventLog writes it.
std::string log_of(const Story& story, const World& world) {
  std::string text;
  EventLog log([&](std::string_view lines) {
    text += lines;
    return ok_status();
  });
  event::RunStarted started;
  started.resources = story.options.scheduler.resources;
  RunLog run;
  const auto tell = [&](RunEvent event) {
    run.fold(event);
    (void)log.on_event(event, run);
  };
  tell(started);
  tell(event::CollectionFinished{story.collection, {}, TimePoint()});
  for (const RunEvent& event : world.events) tell(event);
  tell(event::RunFinished{0, {}, TimePoint(std::chrono::hours(1))});
  return text;
}

std::string told(const World& world, const AllocationCheck& check) {
  std::string text;
  for (const std::string& complaint : world.ledger.complaints()) text += complaint + "\n";
  for (const Violation& violation : check.violations)
    text += std::to_string(violation.line) + ": " + violation.kind + ": " + violation.what + "\n";
  return text;
}

struct Happened {
  std::size_t holds = 0, tests = 0;
  int crashes = 0, collects = 0, recycles = 0;
};

Happened play(bool sharded, bool trouble, unsigned stories) {
  Happened happened;
  for (unsigned seed = 1; seed <= stories; ++seed) {
    Dice dice(seed * 4 + sharded * 2 + trouble);
    Story story = random_story(dice, sharded);
    if (trouble) add_trouble(dice, story.options);
    World world(story.collection, story.options, seed);
    world.run();
    const AllocationCheck check = check_allocations(log_of(story, world));
    EXPECT_EQ(told(world, check), "") << "seed " << seed;
    if (testing::Test::HasFailure()) break;
    happened.holds += check.holds;
    happened.tests += check.tests;
    happened.crashes += world.crashes;
    happened.collects += world.collects;
    happened.recycles += world.recycles;
  }
  return happened;
}

TEST(AllocationProperties, EveryStoryGivesItsResourcesOutRightly) {
  const Happened happened = play(false, false, 1500);
  EXPECT_GT(happened.holds, 5'000u);
}

TEST(AllocationProperties, EveryShardedStoryGivesItsResourcesOutRightly) {
  const Happened happened = play(true, false, 1500);
  EXPECT_GT(happened.holds, 5'000u);
}

TEST(AllocationProperties, WhateverDies) {
  const Happened happened = play(false, true, 3000);
  EXPECT_GT(happened.holds, 5'000u);
  EXPECT_GT(happened.crashes, 500);
  EXPECT_GT(happened.recycles, 200);
}

TEST(AllocationProperties, WhateverDiesOfAShard) {
  const Happened happened = play(true, true, 3000);
  EXPECT_GT(happened.holds, 5'000u);
  EXPECT_GT(happened.crashes, 500);
  EXPECT_GT(happened.collects, 50);
}

TEST(AllocationProperties, OneWorkerInOrderRunsInCollectionOrder) {
  for (unsigned seed = 1; seed <= 300 && !HasFailure(); ++seed) {
    Dice dice(seed);
    Story story = random_story(dice, false);
    story.options.scheduler.workers = 1;
    story.options.scheduler.in_order = true;
    story.options.scheduler.max_restarts = 1'000'000;
    story.options.dies_under_test = dice.sometimes(0.1);
    story.options.lingers = dice.sometimes(1);
    World world(story.collection, story.options, seed);
    world.run();
    EXPECT_EQ(told(world, check_allocations(log_of(story, world))), "") << "seed " << seed;
    const DemandKinds kinds(story.collection, story.options.scheduler.resources);
    EXPECT_TRUE(std::is_sorted(world.verdicts.begin() + static_cast<std::ptrdiff_t>(kinds.impossible().size()),
                               world.verdicts.end()))
        << "seed " << seed;
    EXPECT_EQ(world.verdicts.size(), story.collection.items.size());
  }
}

}  // namespace
}  // namespace trun
