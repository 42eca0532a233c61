// TakeoverCost: what it takes this run until a fresh process has taken a slot over, and so how much work must be left
// for that to pay.
#pragma once

#include <algorithm>
#include <optional>

#include "runner/base/run_event.h"

namespace trun {

class TakeoverCost {
 public:
  /// What time it is, before each event.
  void at(TimePoint now) { now_ = now; }
  TimePoint now() const { return now_; }
  /// What one of the run's first processes took until it could run tests: one that takes over takes as long at least.
  void first_took(Duration start) { first_ = std::max(first_, start); }
  /// A process has taken over a slot that has waited for it `since` then.
  void took(TimePoint since) { took_ = now_ - since; }
  /// What the set-up of a test took: a fresh process may have to do that once more.
  void set_up(Duration took) { set_up_ = std::max(set_up_, took); }

  /// Nanoseconds of work. Half of it is done by who has it while the other gets ready, so twice the time that this
  /// takes is the least that ends earlier for being moved.
  double worth() const {
    const double measured = took_ ? 2 * static_cast<double>(took_->count()) : kWorthUnmeasured;
    const double starting = std::max(measured, 2 * static_cast<double>(first_.count()));
    // The fresh process sets up for itself what the session's fixtures hold, a database or a server perhaps. Which of
    // them the tests that move will ask for is not known: the longest set-up of the run stands for it.
    return std::max(starting, kLeast) + 2 * static_cast<double>(set_up_.count());
  }

 private:
  // Before it is known what one takes in this run.
  static constexpr double kWorthUnmeasured = 250e6;
  // However fast that is: a process more is a burden to the others.
  static constexpr double kLeast = 200e6;

  TimePoint now_;
  std::optional<Duration> took_;   // the last
  Duration first_{0}, set_up_{0};  // the longest
};

}  // namespace trun
