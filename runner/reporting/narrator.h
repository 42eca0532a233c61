// Narrator: what the reports are told, and when. Output and warnings of a collection are held back until it counts,
// because it may be repeated; copies of one collection say the same, so that one of them speaks for all. Keeps the
// run's tally.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runner/base/run_event.h"
#include "runner/reporting/reports.h"
#include "runner/reporting/run_tally.h"
#include "runner/wire/host_frames.h"

namespace trun {

/// So much may be on its way to a slow reader of stdout before workers wait with what they print.
inline constexpr std::size_t kMostBacklog = 16 << 20;

class Narrator {
 public:
  Status open(const Config& config, const Configured& pytest, unsigned workers, bool quiet, GuardianPage& page) {
    return reports_.open(config, pytest, workers, quiet, page);
  }

  void tell(RunEvent event);
  /// `listener` hears every event before the reports do, and may take out what is for it alone.
  void listen(std::function<void(RunEvent&)> listener) { listener_ = std::move(listener); }
  void notice(event::Notice::Level level, std::string text) { tell(event::Notice{level, std::move(text)}); }
  /// A line that a process of the run printed.
  void say(event::OutputLine line);
  /// A warning of the `attempt`th worker in `slot`.
  void warn(Slot slot, int attempt, event::WarningRecorded warning);
  /// A property of the whole suite, said by the `attempt`th worker in `slot`.
  void describe(Slot slot, int attempt, event::SuiteProperty property);
  /// Tells of an exception that has ended the session of `whose` ("gw0"): its traceback, or only the reason if the same
  /// exception was told before. A conftest's hook may raise in every process.
  void internal_error(const std::string& whose, const InternalError& error);

  /// What a test has left behind, unless that is its verdict.
  void leaks(const std::string& test, const TestResult& result);
  /// Something that was left behind, by the test of that name.
  void leak(std::string test, std::string kind, std::string what);
  /// Sums up what was left behind. Once, at the end.
  void tell_leaks();

  /// The collection counts: tells what was held. `copies`: every worker collected the same.
  void release(bool copies);
  /// The collection does not count.
  void forget_held();
  /// Prints the lines that were held, where no report ever will.
  void print_held() const;

  /// What is on its way to the terminal, as of Reports.
  bool flush(Duration patience = Duration{0}) { return reports_.flush(patience); }
  bool unread() const { return reports_.unread(); }
  std::size_t backlog() const { return reports_.backlog(); }
  void on_blocked(const std::function<void(int fd)>& blocked) { reports_.on_blocked(blocked); }

  /// Where the JUnit report goes: Reports::junit_path, Reports::name_junit.
  const std::string& junit_path() const { return reports_.junit_path(); }
  void name_junit(const std::string& path) { reports_.name_junit(path); }
  void take_options(const Configured& pytest) { reports_.take_options(pytest); }

  const RunTally& tally() const { return tally_; }
  /// The run so far, for all who want to know of it.
  const RunLog& log() const { return reports_.log(); }
  /// Which of its tests belong together may be known only once the collection was told.
  void set_group(ItemIndex item, std::string group) { reports_.log().collection.items[item].group = std::move(group); }
  /// Whether a report could not be written.
  bool failed() const { return reports_.failed(); }

 private:
  struct HeldWarning {
    Slot slot;
    int attempt;
    event::WarningRecorded warning;
  };

  void tell_listener(RunEvent& event);

  std::function<void(RunEvent&)> listener_;
  Reports reports_;
  RunTally tally_;
  std::vector<event::OutputLine> held_lines_;
  std::vector<HeldWarning> held_warnings_;
  std::vector<std::string> leaks_;
  std::set<std::pair<std::string, std::string>> internal_errors_;  ///< (where, reason) of those that were told
  std::set<std::string> processes_;                                ///< pids of those that were named
  bool released_ = false;
};

}  // namespace trun
