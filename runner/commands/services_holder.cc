#include "runner/commands/services_holder.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "runner/base/exit_code.h"
#include "runner/commands/services_file.h"
#include "runner/containment/interrupts.h"
#include "runner/containment/reaper.h"
#include "runner/kernel/event_loop.h"
#include "runner/kernel/posix.h"
#include "runner/kernel/surroundings.h"
#include "runner/ports/run_ports.h"
#include "runner/services/services.h"

namespace trun {
namespace {

std::string_view state_name(ServiceState state) {
  constexpr std::string_view kNames[] = {"not started", "waiting", "starting", "ready",
                                         "checking",    "ending",  "failed",   "stopped"};
  return kNames[static_cast<std::size_t>(state)];
}

/// The process that holds the services until it is told to stop.
class Holder {
 public:
  Holder(const Place& place, Fd guardian, Fd told)
      : place_(place), guardian_(std::move(guardian)), told_(std::move(told)) {}

  int run() {
    // Daemons that a service leaves come to this process, which reaps them in tick().
    (void)posix::set_subreaper();
    auto lock = file_.lock();
    // up() has looked already, but two of them may have started at once: the lock decides.
    if (!lock.ok() || !*lock) return tell("services are up already; 'trun services status' shows them"), kUsage;
    // The pipe ends with the guardian (run_guarded). Without it nobody would clean up after this process.
    loop_.watch(guardian_.get(), [this] {
      loop_.unwatch(guardian_.get());
      stop();
    });
    std::vector<int> signals = interrupting_signals();
    // SIGCHLD wakes the loop, and is no reason to stop.
    signals.insert(signals.end(), {SIGHUP, SIGCHLD});
    loop_.on_signals(signals, [this](int signal) {
      if (signal != SIGCHLD) stop();
    });
    loop_.every(std::chrono::milliseconds(100), [this] { tick(); });
    const int code = hold();
    file_.remove();
    return code;
  }

 private:
  int hold() {
    Status status = declared_.open(1);
    if (status.ok()) status = services_.prepare(place_.config.services, 1);
    if (!status.ok()) return tell(status.error().message), kUsage;
    std::vector<ServiceIndex> all;
    for (ServiceIndex i = 0; i < services_.plan().instances.size(); ++i) {
      const std::string& name = services_.options_of(i).name;
      const bool named = std::count(place_.names.begin(), place_.names.end(), name) > 0;
      if (place_.names.empty() ? !services_.options_of(i).lazy : named) all.push_back(i);
    }
    services_.want(std::move(all));
    // All or nothing: where one fails, those that run already are stopped as well.
    wait_until([this] { return stopping_ || services_.settled(); });
    if (failed_ || stopping_) return clean_up(kFailed);
    make_databases();
    if (stopping_) return clean_up(kFailed);
    // The table before the file: up() returns when the file says that it has been told.
    tell_table();
    usable_ = true;
    if (const Status saved = file_.write(state()); !saved.ok()) {
      tell(saved.error().message);
      return clean_up(kInternal);
    }
    // From here on nobody reads: up() returns with the table.
    told_.reset();
    wait_until([this] { return stopping_; });
    return clean_up(kOk);
  }

  /// As a test of slot 0 would find it.
  void make_databases() {
    for (ServiceIndex i = 0; i < services_.plan().instances.size(); ++i) {
      const bool has_one = services_.options_of(i).scope == ServiceOptions::Scope::slot_database;
      if (!has_one || services_.state(i) != ServiceState::ready) continue;
      ++being_made_;
      // The answer may come as late as in clean_up(), so it touches members only, which live as long as `services_`.
      services_.renew_database(i, 0, [this](const std::string& complaint) {
        if (!complaint.empty()) tell("the database could not be made: " + complaint);
        --being_made_;  // perhaps not before the clean-up
      });
    }
    wait_until([this] { return being_made_ == 0 || stopping_; });
  }

  int clean_up(int code) {
    services_.stop();
    const TimePoint deadline = Clock::now() + kDownTakes;
    // A process that the kernel does not let go must not hold up the end.
    wait_until([&] { return services_.all_gone() || Clock::now() > deadline; });
    return code;
  }

  template <typename Predicate>
  void wait_until(Predicate reached) {
    while (!reached()) loop_.run_one(std::chrono::milliseconds(50));
  }

  void tick() {
    services_.tick(Clock::now());
    (void)reap_strangers([this](pid_t pid) { return services_.knows(pid); });
  }

  void heard(const ServiceNews& news) {
    using What = ServiceNews::What;
    const std::string name = services_.plan().instances[news.service].name;
    if (news.what == What::failed) {
      failed_ = true;
      tell("service " + name + " " + news.why + "\n--- the last lines of " + services_.log_path(news.service) + "\n" +
           services_.last_lines(news.service));
    }
    save();
  }

  ServicesState state() const {
    ServicesState out;
    out.pid = ::getpid();
    out.usable = usable_;
    for (ServiceIndex i = 0; i < services_.plan().instances.size(); ++i) {
      ServiceRow& row = out.services.emplace_back();
      row.name = services_.plan().instances[i].name;
      row.state = state_name(services_.state(i));
      row.why = services_.failure(i);
      const auto url = services_.values().url(i, Slot{0});
      row.url = url.ok() ? url.value() : "";
      row.log = services_.log_path(i);
      for (const ServicePort& port : services_.options_of(i).ports) {
        row.ports.emplace_back(port.name, services_.values().port(i, port.name));
      }
    }
    return out;
  }

  void save() const { (void)file_.write(state()); }
  void tell_table() const;
  void tell(const std::string& text) const {
    if (told_) (void)::write(told_.get(), (text + "\n").data(), text.size() + 1);
  }
  void stop() { stopping_ = true; }

  const Place& place_;
  Fd guardian_, told_;
  const ServicesFile file_{place_.folder};
  EventLoop loop_;
  const std::string run_id_ = fresh_run_id();
  PortLeases ports_{{run_id_, {}, {}}};
  RunPorts declared_{place_.config.separation.ports, ports_, false};
  Services services_{
      {loop_, ports_, run_id_, place_.folder, [this](const ServiceNews& news) { heard(news); },
       [this](const std::string& text) { tell(text); },
       [this](std::optional<Slot>, std::string_view name) { return declared_.keep(0, std::string(name)); },
       of_mode(place_.config.worker_environment)}};
  bool stopping_ = false, failed_ = false, usable_ = false;
  int being_made_ = 0;  ///< databases
};

void Holder::tell_table() const {
  std::string text = table_of(state());
  if (!text.empty()) text.pop_back();
  tell(text);
}

}  // namespace

int hold_services(const Place& place, Fd guardian, Fd told) {
  return Holder(place, std::move(guardian), std::move(told)).run();
}

}  // namespace trun
