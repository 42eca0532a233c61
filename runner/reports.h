// Reports: the one outgoing stream. Gives every RunEvent to every reporter, in order; a reporter that fails is named
// once on stderr and left out from then on, and silences no other.
#pragma once

#include <memory>
#include <vector>

#include "reporters/reporter.h"
#include "runner/config.h"
#include "runner/server_frames.h"

namespace trun {

class Reports {
 public:
  /// Adds the reporters that `config` and pytest's options ask for. Error (usage): a report's file cannot be opened.
  /// `workers`: 0 for -n 0. `quiet`: pytest's own terminal speaks.
  Status open(const Config& config, const Configured& pytest, unsigned workers, bool quiet);

  void tell(const RunEvent& event);
  /// Whether any report could not be written.
  bool failed() const { return failed_; }

 private:
  void add(std::unique_ptr<Reporter> reporter) { reporters_.push_back(std::move(reporter)); }

  std::vector<std::unique_ptr<Reporter>> reporters_;
  bool failed_ = false;
};

/// Whether pytest's --color and the environment want colour on `fd` (pytest's should_do_markup).
bool wants_color(const std::string& option, int fd);
/// Width of the terminal: $COLUMNS, the terminal's, else 80.
int terminal_width();

}  // namespace trun
