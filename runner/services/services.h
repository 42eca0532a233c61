// Services: the services of a run at work. Carries out what service_set.h decides: launches, checks, signals, sweeps;
// feeds it with what happens. It knows no tests: who uses what is its callers' business.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runner/base/result.h"
#include "runner/kernel/event_loop.h"
#include "runner/model/variables.h"
#include "runner/ports/port_leases.h"
#include "runner/services/lifecycle/service_set.h"
#include "runner/services/plan/service_values.h"
#include "runner/services/process/service_directories.h"
#include "runner/services/process/service_launch.h"
#include "runner/services/process/service_ports.h"
#include "runner/services/process/service_process.h"
#include "runner/services/process/slot_databases.h"

namespace trun {

class Services {
 public:
  /// What it works on; all of it outlives it.
  struct Context {
    EventLoop& loop;
    PortLeases& ports;
    std::string run_id;
    std::string log_directory;  ///< of services whose log has no place of its own
    /// What became of a service.
    std::function<void(const ServiceNews&)> tell;
    /// What is worth a warning.
    std::function<void(std::string)> warn;
    PortLookup ports_of_run = {};
    /// What the mode adds to the environment and has a value only where ports are known.
    std::vector<EnvTemplate> environment = {};
  };

  explicit Services(Context context) : context_(std::move(context)), directories_(context_.run_id) {}
  ~Services();

  /// Resolves dependencies, leases ports, expands templates. Starts nothing. Error: what is wrong, and where in the
  /// file.
  Status prepare(std::vector<ServiceOptions> services, unsigned slots);

  bool any() const { return !options_.empty(); }
  /// That of the services' directories, which need not be there.
  const std::string& folder() const { return directories_.folder(); }
  const std::vector<ServiceOptions>& options() const { return options_; }
  const ServicePlan& plan() const { return plan_; }
  const ServiceValues& values() const { return *values_; }
  /// What tests in `slot` find in their environment.
  const Variables& variables(Slot slot) const { return variables_[slot]; }
  std::optional<ServiceIndex> find(std::string_view name, Slot slot) const { return plan_.find(options_, name, slot); }
  const ServiceOptions& options_of(ServiceIndex service) const { return options_[plan_.instances[service].service]; }

  /// Error (usage): it cannot be started on this machine at all, for want of an engine for its compose file.
  Status startable(ServiceIndex service) const { return programs_->startable(service); }

  void want(std::vector<ServiceIndex> services) { feed(service_event::Wanted{std::move(services)}); }
  /// Its health is looked at before it is used again.
  void reuse(ServiceIndex service) { feed(service_event::Reused{service}); }
  ServiceState state(ServiceIndex service) const { return set_->state(service); }
  const std::string& failure(ServiceIndex service) const { return set_->failure(service); }
  bool settled() const { return !set_ || set_->settled(); }
  /// How often it was launched.
  unsigned launches(ServiceIndex service) const { return runs_[service].launches; }
  /// Makes the database of `slot` as new. The answer is empty, or what went wrong.
  void renew_database(ServiceIndex service, Slot slot, SlotDatabases::Answer answer);

  /// Every 100 ms, and when next() has come.
  void tick(TimePoint now);
  std::optional<TimePoint> next() const { return set_ ? set_->next() : std::nullopt; }
  /// The run stood still so long.
  void paused(Duration time);
  /// Notices ends at once that the loop has not come to.
  void look();
  /// The same of one of them, which may be in the middle of its end.
  void look_closely(ServiceIndex service);

  /// Stops all, users before what they use. tick() goes on with it.
  void stop();
  void kill(ServiceIndex service);
  bool gone(ServiceIndex service) const { return !runs_[service].process || runs_[service].process->gone(); }
  bool all_gone() const { return !set_ || set_->all_gone(); }
  /// A child that is waited for here.
  bool knows(pid_t pid) const;

  /// Where its log is, and its last lines, for reports; empty: it has not run.
  std::string log_path(ServiceIndex service) const;
  std::string last_lines(ServiceIndex service, std::size_t most = 20) const;
  pid_t pid(ServiceIndex service) const { return runs_[service].process ? runs_[service].process->pid() : 0; }

 private:
  struct Run {
    ServicePorts ports;
    std::unique_ptr<ServiceProcess> process;
    std::unique_ptr<SlotDatabases> databases;
    unsigned launches = 0;
    TimePoint listeners_at{};  ///< when it was looked where it listens
    std::string listeners;
    bool log_trouble_told = false;
  };

  Status lease_ports(ServiceIndex service);
  Status check_templates(unsigned slots) const;
  Status start(ServiceIndex service);

  void checked(ServiceIndex service, const std::string& complaint);
  void feed(const ServiceEvent& event);
  void took(const ServiceStep& step);
  void perform(const service_action::Launch& action);
  void perform(const service_action::Check& action);
  void perform(const service_action::Terminate& action);
  void perform(const service_action::Kill& action);
  void sweep(TimePoint now);
  std::string memory_excess(ServiceIndex service) const;
  void watch_memory(TimePoint now);

  const Context context_;
  std::vector<ServiceOptions> options_;
  ServicePlan plan_;
  std::unique_ptr<ServiceValues> values_;
  std::unique_ptr<ServicePrograms> programs_;
  std::unique_ptr<ServiceSet> set_;
  std::vector<Run> runs_;
  std::vector<Variables> variables_;
  ServiceDirectories directories_;
  TimePoint sweep_until_{}, memory_at_{};
};

}  // namespace trun
