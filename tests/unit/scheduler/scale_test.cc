// How much the scheduler itself costs a run of 100,000 tests: printed, with a check that does not hang on the machine's
// speed: twice the tests take about twice, not four times, as long.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <deque>

#include "tests/unit/scheduler/collections.h"

namespace trun {
namespace {

using std::chrono::microseconds;

Collection big(std::size_t items, std::size_t per_file) {
  Collection collection;
  for (std::size_t i = 0; i < items; ++i) {
    if (i % per_file == 0) add_file(collection, "tests/test_" + std::to_string(i) + ".py");
    add_item(collection, static_cast<FileIndex>(collection.files.size() - 1), "test_case[" + std::to_string(i) + "]");
  }
  return collection;
}

SchedulerOptions options_for(unsigned workers, bool sharded) {
  SchedulerOptions options;
  options.workers = workers;
  options.sharded = sharded;
  return options;
}

/// Runs everything with workers that finish one test each in turn; both the scheduler and this loop are measured.
class Run {
 public:
  Run(const Collection& collection, SchedulerOptions options)
      : collection_(collection), scheduler_(collection, options), queues_(options.workers) {
    const unsigned workers = options.workers;
    const bool sharded = options.sharded;
    std::vector<std::vector<ItemIndex>> shards(workers);
    for (const TestFile& file : collection.files) {
      auto& shard = shards[file.items.front() / file.items.size() % workers];
      shard.insert(shard.end(), file.items.begin(), file.items.end());
    }
    for (Slot slot = 0; slot < workers; ++slot) {
      perform(scheduler_.handle(worker_event::Ready{slot, sharded ? shards[slot] : std::vector<ItemIndex>{}, !sharded},
                                {}));
    }
  }

  void play() {
    while (!scheduler_.done()) {
      for (Slot slot = 0; slot < queues_.size(); ++slot) {
        if (!queues_[slot].empty()) finish_one(slot);
      }
    }
  }
  std::size_t verdicts = 0;

 private:
  void finish_one(Slot slot) {
    const ItemIndex item = queues_[slot].front();
    queues_[slot].pop_front();
    perform(scheduler_.handle(worker_event::Finished{slot, passed(item, slot, microseconds(50))}, {}));
  }
  void perform(const Step& step) {
    verdicts += step.events.size();
    for (const Action& action : step.actions) {
      if (const auto* assign = std::get_if<action::Assign>(&action)) {
        queues_[assign->slot].insert(queues_[assign->slot].end(), assign->items.begin(), assign->items.end());
      } else if (const auto* collect = std::get_if<action::CollectFiles>(&action)) {
        collect_files(*collect);
      }
    }
  }

  void collect_files(const action::CollectFiles& collect) {
    std::vector<ItemIndex> items;
    for (const FileIndex file : collect.files) {
      items.insert(items.end(), collection_.files[file].items.begin(), collection_.files[file].items.end());
    }
    perform(scheduler_.handle(worker_event::Collected{collect.slot, items}, {}));
  }

  const Collection& collection_;
  Scheduler scheduler_;
  std::vector<std::deque<ItemIndex>> queues_;
};

/// Seconds of CPU.
double seconds_for(std::size_t items, std::size_t per_file, unsigned workers, bool sharded) {
  const Collection collection = big(items, per_file);
  const std::clock_t began = std::clock();
  Run run(collection, options_for(workers, sharded));
  run.play();
  const double took = static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
  EXPECT_EQ(run.verdicts, items);
  return took;
}

/// Seconds of CPU for files of 10 tests that share four resources.
double seconds_with_resources(std::size_t files, unsigned workers, bool sharded) {
  Collection collection = big(files * 10, 10);
  for (TestItem& item : collection.items) item.demands.resources = {{"r" + std::to_string(item.file % 4)}};
  SchedulerOptions options = options_for(workers, sharded);
  options.resources = {{"r0", 8}, {"r1", 16}, {"r2", 16}, {"r3", 16}};
  const std::clock_t began = std::clock();
  Run run(collection, options);
  run.play();
  return static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
}

TEST(SchedulerScale, ResourcesFor64WorkersCostWhatTheirTestsDo) {
  for (const bool sharded : {false, true}) {
    double small = 1e9, large = 1e9;
    for (int i = 0; i < 3; ++i) {
      small = std::min(small, seconds_with_resources(250, 64, sharded));
      large = std::min(large, seconds_with_resources(2'000, 64, sharded));
    }
    std::printf("%s, resources, 64 workers: 2,000 files of 10 tests take %.3f s of CPU\n",
                sharded ? "sharded" : "unsharded", large);
    // Linear would be 8, quadratic 64.
    EXPECT_LT(large, 32 * small);
  }
}

TEST(SchedulerScale, CostGrowsWithTheNumberOfTestsNotItsSquare) {
  for (const bool sharded : {false, true}) {
    for (const std::size_t per_file : {1, 20, 100'000}) {
      double small = 1e9, large = 1e9;
      for (int i = 0; i < 3; ++i) {
        small = std::min(small, seconds_for(12'500, per_file, 16, sharded));
        large = std::min(large, seconds_for(100'000, per_file, 16, sharded));
      }
      std::printf("%s, %zu a file: 100,000 tests take %.3f s of CPU\n", sharded ? "sharded" : "unsharded", per_file,
                  large);
      // Linear would be 8, quadratic 64.
      EXPECT_LT(large, 32 * small);
    }
  }
}

}  // namespace
}  // namespace trun
