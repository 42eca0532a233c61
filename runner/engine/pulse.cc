// The clock and the user: what happens without a worker's word.
#include <signal.h>

#include <utility>

#include "runner/containment/reaper.h"
#include "runner/engine/run.h"
#include "runner/kernel/wake_up.h"
#include "runner/workers/standstill.h"

namespace trun {

void Engine::tick() {
  // Before all else: the guardian takes an engine whose beat stands still for one that hangs.
  guardian_.page.beat();
  host_.flush();
  (void)narrator_.flush();
  // At half of the limit that holds them back: at the limit itself each line would switch it.
  if (watch_.holds_output() && narrator_.backlog() < kMostBacklog / 2) {
    watch_.hold_output(crew_.workers(), false);
    supervisor_.goes_on(Clock::now());
  }
  if (narrator_.unread() && !stop_code_) stop("standard output is closed, nobody reads it");
  if (woken() && !std::exchange(stalled_, true)) {
    stop("trun itself stood still (--stall-limit)");
    stop_code_ = kInternal;
  }
  if (started_ != TimePoint{} && !plan_.attached && keys_.pressed('t')) supervisor_.show_running(Clock::now());
  oom_.tick(Clock::now());
  if (supervisor_.run_is_over(begin_, Clock::now())) {
    stop("the run's time is up (--run-timeout)");
    supervisor_.stop_all("the run's time was up", Clock::now());
  }
  for (auto& worker : crew_.workers()) {
    if (crew_.gone(*worker)) continue;
    if (worker->lost.empty() && stands_still(*worker, Clock::now())) replace_standing(*worker);
    if (!worker->assigned.empty() && worker->lost.empty()) on_heard(*worker);
  }
  // After the rings were read: how far a worker has come (`delivered`) says whether it has work, and which limit
  // counts.
  supervisor_.tick(Clock::now());
  respond(jobs_.tick(plan_.attached, Clock::now()));
  // In this order: what a dead worker's group has left is an orphan once the group is gone, orphans are looked for, and
  // then it is known whether anything of the dead lives.
  if (phase_) phase_->look_at_dead();
  services_.tick(Clock::now());
  orphans_.tick(run_id_, Clock::now());
  // While one is being made, a stranger's status may be its.
  if (!server_.forking() && !(factory_ && factory_->forking()))
    (void)reap_strangers([this](pid_t pid) { return is_own(pid) || crew_.knows(pid); });
  if (phase_)
    phase_->sweep_dead([this](const WorkerProcess& worker) { return orphans_.any_of(worker) || is_held(worker); });
  tell(event::Progress{Clock::now(), crew_.at_work(), phase_ ? phase_->left() : std::nullopt});
}

void Engine::replace_standing(WorkerProcess& worker) {
  worker.stood_still = true;
  plan_.fresh = true;
  notice(event::Notice::Level::warning,
         whose(worker) +
             " stood still: it was forked, and each of its threads waits for one that the fork did not copy. Its work "
             "is done by a process that imports everything itself (--start fresh does so from the beginning)");
  watch_.lose(worker, "it stood still after a fork");
}

void Engine::on_signal(int signal) {
  if (signal == SIGUSR1) return supervisor_.show_running(Clock::now());
  // SIGTSTP: trun stops inside of jobs_.on_signal() and returns from there when it is continued. What lies between
  // counts for no limit.
  const TimePoint before = Clock::now();
  // The shell is to find the terminal as it was.
  if (signal == SIGTSTP) (void)keys_.leave();
  const JobControl::Response response = jobs_.on_signal(signal, Clock::now());
  if (signal == SIGTSTP) supervisor_.paused(before, Clock::now());
  respond(response);
}

void Engine::respond(JobControl::Response response) {
  using Response = JobControl::Response;
  const TimePoint now = Clock::now();
  if (response == Response::nothing) return;
  if (response == Response::waits) return supervisor_.tell_waiting(jobs_.left(now), now);
  if (response == Response::overdue) return supervisor_.end_interrupted(now);
  // jobs_ has signalled the workers. The host is interrupted only once it was told to end.
  if (book_.ending) host_.interrupt();
  abandoned_ = response == JobControl::Response::abandon;
  stop("KeyboardInterrupt");
}

void Engine::stop(const std::string& reason) {
  stop_code_ = kInterrupted;
  // The stop word first: no worker begins another test while the rest is decided.
  if (run_page_.fd().valid()) run_page_.stop();
  if (phase_) {
    phase_->push(worker_event::StopRequested{reason});
  } else if (!ended_ && !plan_.solo) {
    if (started_ != TimePoint{}) tell(event::RunStopped{reason});
    (void)end(kInterrupted);
  }
}

}  // namespace trun
