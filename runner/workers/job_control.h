// JobControl: what signals from the user do to the processes of the run. Once Ctrl-C ends the tests at work by
// KeyboardInterrupt, twice ends all processes, three times trun itself. Ctrl-Z stops the tests with the job.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "runner/base/clock.h"
#include "runner/containment/interrupts.h"
#include "runner/workers/crew.h"

namespace trun {

class JobControl {
 public:
  /// `waits`: somebody has not ended a moment after the interrupt; `overdue`: nor within the grace. Each is said once.
  enum class Response { nothing, stop, abandon, waits, overdue };

  /// `crew` must outlive it. `grace`: how long tests and sessions have to end by themselves once they are interrupted.
  JobControl(Crew& crew, Duration grace) : crew_(crew), grace_(grace) {}

  /// The signals that it answers.
  static std::vector<int> signals();

  /// Says what is to become of the run.
  Response on_signal(int signal, TimePoint now);
  /// Nobody is there any more who could read what is said (a closed terminal, a dead guardian): interrupts, and ends
  /// all processes a moment later.
  Response hang_up(TimePoint now);
  bool hung_up() const { return hung_up_.has_value(); }
  /// What is left of the grace after an interrupt.
  Duration left(TimePoint now) const { return std::max(Duration{0}, last_ + grace_ - now); }
  /// Called on every tick. `attached`: the worker shares trun's terminal and process group (-n 0). It has the
  /// terminal's Ctrl-C from the terminal; a signal that was sent to trun alone is passed on.
  Response tick(bool attached, TimePoint now);

 private:
  Response interrupt(TimePoint now);
  Response abandon(const std::string& why);
  void remind(bool attached, TimePoint now);
  Response wait(TimePoint now);
  void pause();
  void signal_groups(int signal);

  Crew& crew_;
  const Duration grace_;
  Interrupts seen_;
  int interrupts_ = 0;
  TimePoint last_{};
  std::optional<TimePoint> hung_up_;
  bool reminded_ = false, told_ = false, overdue_ = false;
};

}  // namespace trun
