// RunTally: what a run adds up to while it goes: counts for the exit code, sums for the metrics, outcomes and durations
// for pytest's cache. A plain accumulator; it says nothing to anybody.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "runner/base/run_event.h"
#include "runner/base/test_item.h"
#include "runner/base/test_result.h"
#include "runner/wire/server_frames.h"
#include "scheduler/history.h"

namespace trun {

class RunTally {
 public:
  void add(const TestResult& result);
  void add_warning() { ++warnings_; }
  /// Whether the process `attempt` of `slot` says of the whole suite what no process has said as often: the fixture
  /// that says it runs in each of them.
  bool is_news(Slot slot, int attempt, const event::SuiteProperty& property);

  std::size_t warnings() const { return warnings_; }
  /// Failed and errored tests.
  std::size_t bad() const { return bad_; }
  /// Tests that found no worker.
  std::size_t not_run() const { return not_run_; }
  /// Whether the test has been told of, be it only that it was not run.
  bool has(ItemIndex item) const { return item < last_.size() && last_[item].verdict != Verdict::none; }

  /// Sums so far. `running` is how long the run phase has taken; wall, startup and collection are the caller's.
  event::RunFigures figures(Duration running) const;
  /// What pytest's cache and trun's history are to learn. `history` is what was known before.
  SaveCache cache_frame(const Collection& collection, const std::vector<event::CollectReport>& reports,
                        History history) const;

 private:
  enum class Verdict : std::uint8_t { none, not_run, passed, skipped, failed };
  /// All that is wanted of a test at the end: there may be a million.
  struct Last {
    Duration took{0};
    Verdict verdict = Verdict::none;
    bool ran() const { return verdict > Verdict::not_run; }
  };

  Last& last(ItemIndex item);

  event::RunFigures sums_;
  std::map<Slot, Duration> busy_;
  std::map<Slot, TimePoint> ended_;  ///< of the last test there
  std::vector<Last> last_;           ///< by item, up to the last that was told of
  using Property = std::pair<std::string, std::string>;
  std::map<std::tuple<Property, Slot, int>, std::size_t> said_;  ///< how often, by process
  std::map<Property, std::size_t> told_;
  std::size_t warnings_ = 0, bad_ = 0, not_run_ = 0;
};

}  // namespace trun
