// ServiceSet: all services of a run as one pure state machine: who is started when, who is ready, late, dead, started
// again, and in which order all are stopped. No I/O, no clock: time comes in as an argument, deadlines go out as data.
//
// Guarantees, tested by properties over random stories: nothing is launched before what it needs is ready and the
// earlier phases have settled; what was wanted becomes ready or failed, with a reason; nothing is checked that does not
// run; after StopAll nothing is launched, users are stopped before what they use, and all are killed when the limit has
// passed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runner/services/lifecycle/service_step.h"

namespace trun {

/// What the machine must know of one instance.
struct ServiceTerms {
  std::string name;
  std::vector<ServiceIndex> needs;  ///< of smaller indices
  ServicePhase phase = ServicePhase::services;
  bool has_check = true;  ///< else it is ready once it runs
  std::string check;      ///< "tcp", "http": for the reason of a failure
  Duration deadline = std::chrono::seconds(30);
  Duration interval = std::chrono::milliseconds(100);
  Duration reuse_deadline = std::chrono::seconds(5);  ///< in which a health check before reuse must succeed
  Duration grace = std::chrono::seconds(3);
  unsigned restarts = 0;
};

/// Of an instance of a service that was declared so.
ServiceTerms terms_of(const ServiceInstance& instance, const ServiceOptions& declared);

enum class ServiceState {
  idle,      ///< nobody has asked for it
  waiting,   ///< for what it needs, or for an earlier phase
  starting,  ///< runs, and is not ready yet
  ready,
  checking,  ///< was ready; its health is looked at before it is used again
  ending,    ///< its process is being stopped
  failed,
  stopped,
};

class ServiceSet {
 public:
  /// `stop_limit`: after StopAll, so long the graces may last together.
  ServiceSet(std::vector<ServiceTerms> terms, Duration stop_limit);

  /// Takes in one event and says what follows.
  ServiceStep handle(const ServiceEvent& event, TimePoint now);
  /// What follows from the time alone. To be called at next(), or later.
  ServiceStep tick(TimePoint now);
  /// The run stood still for so long (Ctrl-Z): nobody is late for it.
  void paused(Duration time);
  /// When something is due by time; nullopt: nothing is.
  std::optional<TimePoint> next() const;

  ServiceState state(ServiceIndex service) const { return services_[service].state; }
  /// Why it failed: a sentence without its subject; empty unless it did.
  const std::string& failure(ServiceIndex service) const { return services_[service].failure; }
  /// All that were wanted are ready or have failed.
  bool settled() const;
  /// No process runs, and none will be launched.
  bool all_gone() const;

 private:
  struct Service {
    ServiceTerms terms;
    ServiceState state = ServiceState::idle;
    bool wanted = false;
    bool launching = false;   ///< Launch was not answered yet
    bool alive = false;       ///< a process runs
    bool check_open = false;  ///< Check was not answered yet
    bool terminated = false, killed = false;
    bool again = false;     ///< it is started again when its process has ended
    unsigned restarts = 0;  ///< so far
    TimePoint launched{}, next_check{}, deadline{}, kill_at{};
    std::string last_check, failure;
  };

  void on(const service_event::Wanted& event, TimePoint now, ServiceStep& step);
  void on(const service_event::Reused& event, TimePoint now, ServiceStep& step);
  void on(const service_event::Launched& event, TimePoint now, ServiceStep& step);
  void on(const service_event::LaunchFailed& event, TimePoint now, ServiceStep& step);
  void on(const service_event::CheckPassed& event, TimePoint now, ServiceStep& step);
  void on(const service_event::CheckFailed& event, TimePoint now, ServiceStep& step);
  void on(const service_event::Exited& event, TimePoint now, ServiceStep& step);
  void on(const service_event::Unhealthy& event, TimePoint now, ServiceStep& step);
  void on(const service_event::StopAll& event, TimePoint now, ServiceStep& step);

  void want(ServiceIndex service);
  void advance(TimePoint now, ServiceStep& step);
  bool try_start(ServiceIndex service, TimePoint now, ServiceStep& step);
  bool check_due(ServiceIndex service, TimePoint now, ServiceStep& step);
  void stop_due(ServiceIndex service, TimePoint now, ServiceStep& step);
  void became_ready(ServiceIndex service, TimePoint now, ServiceStep& step);
  void lose(ServiceIndex service, std::string why, TimePoint now, ServiceStep& step);
  void fail(ServiceIndex service, std::string why, ServiceStep& step);
  void terminate(ServiceIndex service, TimePoint now, ServiceStep& step);
  bool is_used(ServiceIndex service) const;

  std::vector<Service> services_;
  const Duration stop_limit_;
  std::optional<TimePoint> stop_by_;  ///< after StopAll
};

}  // namespace trun
