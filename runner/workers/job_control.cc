#include "runner/workers/job_control.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace trun {
namespace {

/// So long an attached worker has to show that it heard the terminal's Ctrl-C.
constexpr Duration kPatience = std::chrono::milliseconds(400);
/// After so long it is said for whom an interrupted run waits.
constexpr Duration kMoment = std::chrono::seconds(1);
/// So long tests have to tear down what they hold once the terminal or the guardian is gone. Within 2 s nothing of the
/// run is to be there.
constexpr Duration kHangUp = std::chrono::milliseconds(600);

}  // namespace

std::vector<int> JobControl::signals() {
  std::vector<int> signals = interrupting_signals();
  // SIGUSR2 is answered by nothing: its default action would end trun, and the guardian hands it on.
  signals.insert(signals.end(), {SIGHUP, SIGTSTP, SIGUSR1, SIGUSR2});
  // What trun's caller ignores stays ignored: a run under nohup survives the end of the terminal.
  signals.erase(std::remove_if(signals.begin(), signals.end(), posix::is_ignored), signals.end());
  return signals;
}

JobControl::Response JobControl::on_signal(int signal, TimePoint now) {
  if (signal == SIGUSR2) return Response::nothing;
  if (signal == SIGHUP) return hang_up(now);
  // No return before the job is continued: the whole run stands still in pause().
  if (signal == SIGTSTP) {
    pause();
    return Response::nothing;
  }
  return seen_.is_another(signal, now) ? interrupt(now) : Response::nothing;
}

JobControl::Response JobControl::interrupt(TimePoint now) {
  last_ = now;
  ++interrupts_;
  // 128 + SIGINT, as a shell says it. No destructor runs, one of them may be what hangs; the guardian ends what is
  // left.
  if (interrupts_ >= 3) ::_exit(130);
  if (interrupts_ == 2) return abandon("interrupted twice");
  // An attached worker shares the terminal's foreground group: a Ctrl-C has reached it already (remind()).
  signal_groups(SIGINT);
  return Response::stop;
}

JobControl::Response JobControl::abandon(const std::string& why) {
  crew_.kill_all(why);
  return Response::abandon;
}

// The first hang-up counts as the first interrupt, unless the user came first. tick() makes it the second one after
// kHangUp.
JobControl::Response JobControl::hang_up(TimePoint now) {
  if (hung_up_) return Response::nothing;
  hung_up_ = now;
  return interrupts_ == 0 ? interrupt(now) : Response::nothing;
}

JobControl::Response JobControl::tick(bool attached, TimePoint now) {
  remind(attached, now);
  if (!hung_up_) return wait(now);
  if (now - *hung_up_ < kHangUp || interrupts_ > 1) return Response::nothing;
  // A Ctrl-C from here on is the third, and ends trun at once.
  interrupts_ = 2;
  return abandon("there is nobody to report to");
}

/// CI sends one SIGTERM, then SIGKILL, and a person may not think of a second Ctrl-C: one ends a run.
JobControl::Response JobControl::wait(TimePoint now) {
  if (interrupts_ != 1 || overdue_ || crew_.all_gone()) return Response::nothing;
  for (const auto& worker : crew_.workers()) {
    const auto snapshot = worker->page.snapshot();
    // The clock of the grace begins anew as long as somebody types there.
    if (!Crew::gone(*worker) && snapshot.ok() && snapshot->debugging) last_ = now;  // somebody sits there
  }
  if (now - last_ >= grace_) {
    overdue_ = true;
    return Response::overdue;
  }
  return now - last_ >= kMoment && !std::exchange(told_, true) ? Response::waits : Response::nothing;
}

void JobControl::pause() {
  // Clock::now() goes on while the job is stopped: that time is added to the interrupt's, so that it uses up no grace.
  const TimePoint before = Clock::now();
  // SIGSTOP and not SIGTSTP: it cannot be ignored, and a group without a shell in its session is orphaned, where the
  // kernel drops SIGTSTP.
  signal_groups(SIGSTOP);
  ::raise(SIGSTOP);  // comes back when the job is continued
  signal_groups(SIGCONT);
  last_ += Clock::now() - before;
}

/// Workers are in sessions of their own, where neither terminal nor shell reaches them. An attached one is reached;
/// what conftests have started before it came into trun's group is left in a group of its number.
void JobControl::signal_groups(int signal) {
  for (const auto& worker : crew_.workers()) {
    if (!Crew::gone(*worker)) (void)posix::kill_group(worker->pid, signal);
  }
}

void JobControl::remind(bool attached, TimePoint now) {
  const WorkerProcess* worker = attached ? crew_.at(0) : nullptr;
  // `stopped` or `done` show that it has heard the terminal. Else the signal was sent to trun alone.
  if (!worker || interrupts_ != 1 || now - last_ < kPatience || worker->stopped || worker->done) return;
  if (!std::exchange(reminded_, true)) (void)posix::kill_process(worker->pidfd, SIGINT);
}

}  // namespace trun
