// ServiceDesk: between the services of a run and its tests. Starts before the first test what tests need, lets a test
// begin once its services are ready and healthy, answers trun_service(), and judges: a test whose service could not be
// had, or died under it, has the verdict "infrastructure". One per run; it costs nothing where no service is declared.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runner/base/test_item.h"
#include "runner/base/test_result.h"
#include "runner/config/config.h"
#include "runner/containment/cleanup_coordinator.h"
#include "runner/containment/guardian_page.h"
#include "runner/engine/run_plan.h"
#include "runner/engine/separation.h"
#include "runner/kernel/event_loop.h"
#include "runner/reporting/narrator.h"
#include "runner/services/service_requests.h"
#include "runner/services/services.h"
#include "scheduler/step.h"

namespace trun {

class ServiceDesk {
 public:
  /// All of it outlives it. `collection` is empty until it is complete.
  struct Context {
    EventLoop& loop;
    Narrator& narrator;
    CleanupCoordinator& cleanup;
    GuardianPage& page;
    const Collection& collection;
    /// Lets time pass until that is so, or the run is given up.
    std::function<void(const std::function<bool()>&)> wait_until;
  };

  explicit ServiceDesk(Context context) : context_(std::move(context)) {}

  /// Makes ready what [services] declares, and starts what the mode names. `separation` is open, and gets its questions
  /// about services answered. Error: what is declared cannot be; docs/services.md.
  Status open(const Config& config, const std::string& run_id, const RunPlan& run, Separation& separation);

  /// What the environment of a worker in `slot` says; empty without services.
  Variables environment(Slot slot) const;

  /// The services that this run would start, a line a phase, in order: "databases: postgres". REQUIRES: the collection
  /// is complete.
  std::vector<std::string> would_start() const;

  /// The collection is complete: starts what its tests need, but for lazy services, and waits until all are ready or
  /// have failed. Error (usage): a test names a service that does not exist; (internal): one that was wanted by name
  /// failed.
  Status begin();

  /// The names of the services without which `item` must not begin.
  const std::vector<std::string>& needs(ItemIndex item) const {
    return context_.collection.items[item].demands.services;
  }
  /// Turns the result into what it is, seen from its services.
  void judge(TestResult& result);
  /// The end of a worker, with what the services of its test said last, and whether they died, as evidence.
  worker_event::Exited witnessed(worker_event::Exited exit);

  /// Every 100 ms.
  void tick(TimePoint now);
  bool knows(pid_t pid) const { return services_ && services_->knows(pid); }

 private:
  /// A time without a service that was ready before.
  struct Outage {
    ServiceIndex service = 0;
    TimePoint at{};
    std::string why;
  };

  void listen(Questions& questions);
  Status want(const std::vector<std::string>& names);
  Status begin_all();
  Status wait();
  void heard(const ServiceNews& news);
  void hold(ServiceIndex service);
  void admit(Questions& questions, Questions::Ticket ticket, WorkerProcess& worker, const JsonText& args);
  void hand_out(Questions& questions, Questions::Ticket ticket, WorkerProcess& worker, const JsonText& args);
  Result<std::vector<ServiceIndex>> resolve(const std::vector<std::string>& names, Slot slot) const;
  std::string no_such(const std::string& name) const;
  std::string story(ServiceIndex service) const;
  std::set<ServiceIndex> used_by(ItemIndex item, Slot slot) const;
  const Outage* outage_of(const std::set<ServiceIndex>& used, TimePoint from, TimePoint to) const;
  void add_last_lines(const std::set<ServiceIndex>& used, Evidence& to) const;
  void make_infrastructure(TestResult& result, const std::string& why, const std::set<ServiceIndex>& used) const;
  std::optional<ItemIndex> item_of(const WorkerProcess& worker, std::uint64_t ordinal) const;

  const Context context_;
  std::unique_ptr<Services> services_;
  std::unique_ptr<ServiceRequests> requests_;
  unsigned slots_ = 1;
  TimePoint ticked_{};
  std::set<std::string> wanted_;  ///< by name: the run is nothing without them
  std::vector<Outage> outages_;
  std::map<ItemIndex, std::string> refused_;               ///< why the item was not let in
  std::map<ItemIndex, std::set<ServiceIndex>> asked_for_;  ///< by trun_service()
};

}  // namespace trun
