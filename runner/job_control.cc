#include "runner/job_control.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace trun {
namespace {

/// One Ctrl-C may come twice: from the terminal, and forwarded by the guardian.
constexpr Duration kSame = std::chrono::milliseconds(250);
/// So long an attached worker has to show that it heard the terminal's Ctrl-C.
constexpr Duration kPatience = std::chrono::milliseconds(400);

}  // namespace

std::vector<int> JobControl::signals() {
  std::vector<int> signals{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGUSR1, SIGUSR2};
  signals.erase(std::remove_if(signals.begin(), signals.end(), posix::is_ignored), signals.end());
  return signals;
}

JobControl::Response JobControl::on_signal(int signal, bool attached, TimePoint now) {
  if (signal == SIGUSR2) return Response::nothing;
  if (signal != SIGTSTP) return interrupt(attached, now);
  pause();
  return Response::nothing;
}

JobControl::Response JobControl::interrupt(bool attached, TimePoint now) {
  if (interrupts_ > 0 && now - last_ < kSame) return Response::nothing;
  last_ = now;
  ++interrupts_;
  if (interrupts_ >= 3) ::_exit(130);
  if (interrupts_ == 2) {
    crew_.kill_all("interrupted twice");
    return Response::abandon;
  }
  if (!attached) signal_groups(SIGINT);
  return Response::stop;
}

void JobControl::pause() {
  signal_groups(SIGSTOP);
  ::raise(SIGSTOP);  // comes back when the job is continued
  signal_groups(SIGCONT);
}

/// Workers are in sessions of their own, where neither terminal nor shell reaches them.
void JobControl::signal_groups(int signal) {
  for (const auto& worker : crew_.workers()) {
    if (!Crew::gone(*worker) && worker->pgid != ::getpgrp()) (void)posix::kill_group(worker->pid, signal);
  }
}

void JobControl::remind(bool attached, TimePoint now) {
  const WorkerProcess* worker = attached ? crew_.at(0) : nullptr;
  if (!worker || interrupts_ != 1 || now - last_ < kPatience || worker->stopped || worker->done) return;
  if (!std::exchange(reminded_, true)) (void)posix::kill_process(worker->pidfd, SIGINT);
}

}  // namespace trun
