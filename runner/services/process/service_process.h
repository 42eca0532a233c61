// ServiceProcess: one running service: what is launched for it, its log, its check at work. It decides nothing
// (service_set.h does) and tells its owner what happens by two calls.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "runner/kernel/event_loop.h"
#include "runner/kernel/posix.h"
#include "runner/services/process/ready_probe.h"
#include "runner/services/process/service_launch.h"
#include "runner/services/process/service_log.h"

namespace trun {

class ServiceProcess {
 public:
  struct Callbacks {
    std::function<void(std::string how)> ended;
    /// A check: empty, or what was found instead.
    std::function<void(std::string complaint)> checked;
    /// Its init command failed: it will never be ready.
    std::function<void(std::string why)> init_failed;
  };

  /// `loop` must outlive it.
  ServiceProcess(EventLoop& loop, ServiceLaunch launch, Callbacks callbacks);
  ~ServiceProcess();
  ServiceProcess(const ServiceProcess&) = delete;
  ServiceProcess& operator=(const ServiceProcess&) = delete;

  /// Error: why it cannot be started. `run_id`: where its log is another run's already.
  Status start(const std::string& run_id);
  /// Looks whether it is ready; `checked` is called, at once or later. When it is for the first time, its init command
  /// runs before.
  void check(TimePoint now);
  /// No answer is wanted any more.
  void cancel_check() { probe_.cancel(); }

  /// To its whole group. Nothing if it has ended.
  void signal(int number);
  void tick(TimePoint now) { probe_.tick(now); }
  /// Notices its end now, if it has ended, and not when the loop comes to it.
  void look();
  /// The same, and where it is in the middle of its end, that is waited for: its users may know of it already.
  void look_closely();

  pid_t pid() const { return pid_; }
  /// It has ended, and what was to follow that is done.
  bool gone() const { return pid_ == 0 && !going_down_; }
  bool knows(pid_t pid) const { return pid != 0 && (pid == pid_ || pid == probe_.pid()); }
  ServiceLog& log() { return log_; }
  const ServiceLog& log() const { return log_; }
  const ServiceLaunch& launch_options() const { return launch_; }

 private:
  void read_log();
  void see(std::string_view line);
  void answer(std::string complaint);

  EventLoop& loop_;
  const ServiceLaunch launch_;
  const Callbacks callbacks_;
  ServiceLog log_;
  ReadyProbe probe_{loop_};
  pid_t pid_ = 0;
  Fd pidfd_;
  bool matched_ = false;  ///< a line of the log did
  bool init_done_ = false, going_down_ = false;
  TimePoint checked_at_{};
};

}  // namespace trun
