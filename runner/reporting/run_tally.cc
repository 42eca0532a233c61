#include "runner/reporting/run_tally.h"

#include <algorithm>

namespace trun {
namespace {

// A test that takes less than the longest chunk that a worker is given at once is no matter for the schedule, nor is
// one that is not much slower than the others of its file, whose mean tells of it.
constexpr Duration kSlow = std::chrono::milliseconds(25);
constexpr Duration::rep kSlower = 2;

}  // namespace

RunTally::Last& RunTally::last(ItemIndex item) {
  if (item >= last_.size()) last_.resize(std::size_t{item} + 1);
  return last_[item];
}

void RunTally::add(const TestResult& result) {
  Last& kept = last(result.item);
  if (std::holds_alternative<outcome::NotRun>(result.outcome)) {
    // One that began is a plugin's that ran it and reported nothing: pytest does not count it either.
    not_run_ += result.started == TimePoint{};
    // An earlier attempt may have run: its verdict stays.
    kept.verdict = std::max(kept.verdict, Verdict::not_run);
    return;
  }
  bad_ += is_bad(result.outcome);
  sums_.setup += result.setup;
  sums_.call += result.call;
  sums_.teardown += result.teardown;
  if (result.started != TimePoint{}) {  // else it was refused without a worker
    busy_[result.slot] += result.total();
    // Idle is the time from the end of one test in a slot to the start of the next. Of tests that ran from 0 to 5 and
    // from 7 to 9, 2 are idle. The time before the first test of a slot and after its last one is not idle time.
    const auto [ended, first] = ended_.try_emplace(result.slot, result.started);
    if (!first && result.started > ended->second) sums_.scheduling_idle += result.started - ended->second;
    ended->second = result.started + result.total();
  }
  const bool skipped = std::holds_alternative<outcome::Skipped>(result.outcome);
  // The last attempt decides.
  kept = {result.total(), is_bad(result.outcome) ? Verdict::failed : skipped ? Verdict::skipped : Verdict::passed};
}

bool RunTally::is_news(Slot slot, int attempt, const event::SuiteProperty& property) {
  const Property key{property.name, property.value};
  // A session fixture says a property in each process, and may say it several times. With two workers that both say
  // (name, 1) twice, gw0's are news (1 and 2 are more than was told), gw1's are not. If gw1 says it a third time, that
  // is news again.
  const std::size_t said = ++said_[{key, slot, attempt}];
  std::size_t& told = told_[key];
  if (said <= told) return false;
  told = said;
  return true;
}

event::RunFigures RunTally::figures(Duration running) const {
  event::RunFigures figures = sums_;
  const double whole = std::max(1e-9, seconds(running));
  for (const auto& [slot, busy] : busy_) figures.utilisation.emplace_back(slot, std::min(1.0, seconds(busy) / whole));
  return figures;
}

SaveCache RunTally::cache_frame(const Collection& collection, const std::vector<event::CollectReport>& reports,
                                History history) const {
  SaveCache frame;
  frame.collected.reserve(collection.items.size());
  frame.results.reserve(last_.size());
  for (const TestItem& item : collection.items) frame.collected.push_back(item.id);
  for (ItemIndex item = 0; item < last_.size(); ++item) {
    const Verdict verdict = last_[item].verdict;
    // --lf must not learn of a test that did not run: it keeps what it knew.
    if (!last_[item].ran()) continue;
    frame.results.emplace_back(collection.items[item].id, verdict == Verdict::failed    ? "failed"
                                                          : verdict == Verdict::skipped ? "skipped"
                                                                                        : "passed");
  }
  for (const auto& report : reports) {
    if (report.report.outcome == "failed") frame.failed_collect.push_back(report.node_id);
  }
  for (const TestFile& file : collection.files) {
    Duration took{0};
    // Half a file would look like a fast one, and the next plan would give its worker too much.
    const bool whole = std::all_of(file.items.begin(), file.items.end(), [&](ItemIndex item) {
      if (item >= last_.size() || !last_[item].ran()) return false;
      took += last_[item].took;
      return true;
    });
    if (!whole) continue;
    const auto record = [&](const std::string& name, Duration duration) {
      history.record(name, duration);
      frame.durations.emplace_back(name, history.seconds().at(name));
    };
    record(file.path, took);
    const Duration mean = took / static_cast<Duration::rep>(std::max<std::size_t>(1, file.items.size()));
    for (const ItemIndex item : file.items) {
      if (last_[item].took >= std::max(kSlow, kSlower * mean)) record(collection.items[item].id, last_[item].took);
    }
  }
  return frame;
}

}  // namespace trun
