// Reports: the one outgoing stream. Gives every RunEvent to every reporter, in order; a reporter that fails is named
// once on stderr and left out from then on, and silences no other.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "reporters/junit.h"
#include "reporters/reporter.h"
#include "reporters/terminal.h"
#include "runner/config/config.h"
#include "runner/containment/guardian_page.h"
#include "runner/wire/output_queue.h"
#include "runner/wire/server_frames.h"

namespace trun {

class Reports {
 public:
  Reports();
  // The terminal's reporter holds on to the queues.
  Reports(const Reports&) = delete;
  Reports& operator=(const Reports&) = delete;

  /// Adds the reporters that `config` and pytest's options ask for. Error (usage): a report's file cannot be opened.
  /// `workers`: 0 for -n 0. `quiet`: pytest's own terminal speaks. `page` is told who is being told.
  Status open(const Config& config, const Configured& pytest, unsigned workers, bool quiet, GuardianPage& page);

  /// Where the JUnit report is to be written; empty: nowhere.
  const std::string& junit_path() const { return junit_path_; }
  /// A hook wants it elsewhere, or wants one. REQUIRES: some project file mentions `xmlpath` (Configured::names_junit).
  void name_junit(const std::string& path);

  /// A conftest has set options: the terminal follows them from here on.
  void take_options(const Configured& pytest);

  void tell(RunEvent event);
  /// The run so far. Collection and results are kept here, and nowhere else.
  const RunLog& log() const { return log_; }
  RunLog& log() { return log_; }
  /// Writes what is on its way to the terminal, as far as that is possible within `patience`. True: all of it.
  bool flush(Duration patience = Duration{0});
  /// Bytes on their way to the terminal.
  std::size_t backlog() const { return out_.backlog() + err_.backlog(); }
  /// As of OutputQueue, for both.
  void on_blocked(const std::function<void(int fd)>& blocked) {
    out_.on_blocked(blocked);
    err_.on_blocked(blocked);
  }
  /// Whether the reader of stdout has gone away.
  bool unread() const { return out_.unread(); }
  /// Whether any report could not be written.
  bool failed() const { return failed_; }

 private:
  void add(std::unique_ptr<Reporter> reporter) { reporters_.push_back(std::move(reporter)); }

  void fail(std::unique_ptr<Reporter>& reporter, const Status& status);

  OutputQueue out_, err_;
  GuardianPage* page_ = nullptr;
  unsigned workers_ = 0;
  RunLog log_;
  std::vector<std::unique_ptr<Reporter>> reporters_;
  std::string junit_path_;
  JunitReporter* junit_ = nullptr;  // among the reporters, as the next
  TerminalReporter* terminal_ = nullptr;
  bool failed_ = false;
};

/// Whether pytest's --color and the environment want colour on `fd` (pytest's should_do_markup).
bool wants_color(const std::string& option, int fd);
/// Width of the terminal: $COLUMNS, the terminal's, else 80.
int terminal_width();

}  // namespace trun
