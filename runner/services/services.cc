#include "runner/services/services.h"

#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "runner/containment/evidence.h"
#include "runner/kernel/posix.h"
#include "runner/kernel/surroundings.h"
#include "runner/services/plan/database_commands.h"
#include "runner/services/process/service_listeners.h"

namespace trun {
namespace {

/// All services must be gone this soon after stop(): the rest of the five seconds of a clean-up is for later phases.
constexpr Duration kStopLimit = std::chrono::milliseconds(3500);
/// How long after the end of a service processes are looked for that it left in other groups.
constexpr Duration kSweepFor = std::chrono::seconds(1);
/// How often the memory of services is compared with their limits.
constexpr Duration kMemoryEvery = std::chrono::milliseconds(500);

std::string in_megabytes(std::uint64_t bytes) { return std::to_string(bytes >> 20) + " MB"; }

}  // namespace

Services::~Services() {
  for (Run& run : runs_) {
    // The last resort: stop() comes before, in a clean-up.
    if (run.process) run.process->signal(SIGKILL);
  }
}

// ---- before anything starts

Status Services::prepare(std::vector<ServiceOptions> services, unsigned slots) {
  if (services.empty()) return ok_status();
  options_ = std::move(services);
  TRUN_TRY(plan, plan_services(options_, std::max(1u, slots)));
  plan_ = std::move(plan);
  runs_.resize(plan_.instances.size());
  values_ = std::make_unique<ServiceValues>(options_, plan_, context_.run_id, context_.ports_of_run);
  programs_ = std::make_unique<ServicePrograms>(ServicePrograms::Context{options_, plan_, *values_, context_.run_id,
                                                                         context_.log_directory, context_.environment});
  for (ServiceIndex i = 0; i < runs_.size(); ++i) {
    // Ports and folders first: every template may name them, also those of services that come later.
    TRUN_CHECK(lease_ports(i));
    values_->set_directory(i, directories_.of(i));
  }
  TRUN_CHECK(check_templates(std::max(1u, slots)));
  std::vector<ServiceTerms> all;
  for (ServiceIndex i = 0; i < runs_.size(); ++i) all.push_back(terms_of(plan_.instances[i], options_of(i)));
  set_ = std::make_unique<ServiceSet>(std::move(all), kStopLimit);
  for (Slot slot = 0; slot < std::max(1u, slots); ++slot) {
    TRUN_TRY(variables, values_->for_tests(slot));
    variables_.push_back(std::move(variables));
  }
  return ok_status();
}

Status Services::lease_ports(ServiceIndex service) {
  ServicePorts& ports = runs_[service].ports;
  TRUN_CHECK(ports.lease(options_of(service), context_.ports));
  for (std::size_t i = 0; i < ports.leases().size(); ++i) {
    values_->set_port(service, options_of(service).ports[i].name, ports.leases()[i].number());
  }
  return ok_status();
}

/// What cannot be said now cannot be said later: every template is tried.
Status Services::check_templates(unsigned slots) const {
  for (ServiceIndex i = 0; i < runs_.size(); ++i) {
    TRUN_CHECK(programs_->launch(i));
    if (options_of(i).scope != ServiceOptions::Scope::slot_database) continue;
    for (Slot slot = 0; slot < slots; ++slot) TRUN_CHECK(database_commands(options_of(i), i, *values_, slot));
  }
  return ok_status();
}

// ---- one service

Status Services::start(ServiceIndex service) {
  // All that can be said of a start that must fail is said here, by name; exec would say less.
  TRUN_CHECK(startable(service));
  Run& run = runs_[service];
  TRUN_TRY(launch, programs_->launch(service));
  const std::string& cwd = launch.program.cwd;
  TRUN_CHECK(find_program(launch.program.argv[0], environment("PATH"), cwd.empty() ? current_directory() : cwd));
  if (!cwd.empty() && !std::filesystem::is_directory(cwd)) return usage_error("its cwd " + cwd + " is no directory");
  TRUN_CHECK(directories_.renew(service, options_of(service).user));
  // Only before the first launch: later a socket of our own may listen there (ServicePorts::hand_over).
  if (run.launches == 0) TRUN_CHECK(run.ports.check_free());
  // One object for all launches: it keeps the log, and the sockets that go on to listen.
  if (!run.process) {
    TRUN_CHECK(run.ports.hand_over(options_of(service), launch.program));
    run.process = std::make_unique<ServiceProcess>(
        context_.loop, std::move(launch),
        ServiceProcess::Callbacks{[this, service](std::string how) {
                                    // Before the event: what it has left becomes our child at its end, and may show a
                                    // moment later.
                                    sweep_until_ = Clock::now() + kSweepFor;
                                    feed(service_event::Exited{service, std::move(how)});
                                  },
                                  [this, service](std::string complaint) { checked(service, complaint); },
                                  [this, service](std::string why) {
                                    feed(service_event::Unhealthy{service, std::move(why)});
                                  }});
  }
  ++run.launches;
  return run.process->start(context_.run_id);
}

void Services::checked(ServiceIndex service, const std::string& complaint) {
  if (complaint.empty()) {
    // Tests may be quicker than the next look at the clock.
    const std::string excess = memory_excess(service);
    if (!excess.empty()) return feed(service_event::Unhealthy{service, excess});
    return feed(service_event::CheckPassed{service});
  }
  // Reading all sockets of the machine is not for ten times a second.
  Run& run = runs_[service];
  const auto kind = options_of(service).ready.kind;
  const bool asks_port = kind == ReadyCheck::Kind::tcp || kind == ReadyCheck::Kind::http;
  if (const TimePoint now = Clock::now(); asks_port && now >= run.listeners_at) {
    run.listeners_at = now + std::chrono::seconds(1);
    run.listeners = listening_instead(run.process->pid());
  }
  feed(service_event::CheckFailed{service, complaint + run.listeners});
}

void Services::perform(const service_action::Launch& action) {
  const Status status = start(action.service);
  if (status.ok()) {
    feed(service_event::Launched{action.service});
  } else {
    feed(service_event::LaunchFailed{action.service, "could not be started: " + status.error().message});
  }
}

void Services::perform(const service_action::Check& action) { runs_[action.service].process->check(Clock::now()); }

void Services::perform(const service_action::Terminate& action) {
  // An answer would be of no use any more, and an init command must not go on against a server that stops.
  runs_[action.service].process->cancel_check();
  runs_[action.service].process->signal(options_of(action.service).stop_signal);
}

void Services::perform(const service_action::Kill& action) { kill(action.service); }

void Services::kill(ServiceIndex service) {
  if (runs_[service].process) runs_[service].process->signal(SIGKILL);
}

void Services::renew_database(ServiceIndex service, Slot slot, SlotDatabases::Answer answer) {
  auto programs = programs_->database(service, slot);
  if (!programs.ok()) return answer(programs.error().message);
  auto& databases = runs_[service].databases;
  if (!databases) databases = std::make_unique<SlotDatabases>(context_.loop);
  databases->renew(std::move(*programs), std::move(answer));
}

// ---- all of them

// perform() may feed the next event from within (Launched): handle() has returned by then, and a step is a value.
void Services::feed(const ServiceEvent& event) { took(set_->handle(event, Clock::now())); }

void Services::took(const ServiceStep& step) {
  // News before actions: those who judge tests must know of a death before its service is launched again.
  for (const ServiceNews& news : step.news) {
    // Nobody will take what waits there.
    if (news.what == ServiceNews::What::failed || news.what == ServiceNews::What::stopped)
      runs_[news.service].ports.close_sockets();
    context_.tell(news);
  }
  for (const ServiceAction& action : step.actions) {
    std::visit([this](const auto& a) { perform(a); }, action);
  }
}

void Services::tick(TimePoint now) {
  if (!set_) return;
  for (Run& run : runs_) {
    // Limits of checks and commands come first: their answers are events for the machine below.
    if (run.process) run.process->tick(now);
    if (run.databases) run.databases->tick(now);
    if (!run.process || run.log_trouble_told || run.process->log().trouble().empty()) continue;
    run.log_trouble_told = true;
    context_.warn("service " + plan_.instances[static_cast<std::size_t>(&run - runs_.data())].name + " " +
                  run.process->log().trouble() + "; its last lines are kept for reports");
  }
  watch_memory(now);
  sweep(now);
  if (const auto due = set_->next(); due && *due <= now) took(set_->tick(now));
}

/// What its processes hold above its limit, as a reason to end it; empty: nothing.
std::string Services::memory_excess(ServiceIndex service) const {
  const std::uint64_t limit = options_of(service).memory;
  if (limit == 0 || gone(service)) return {};
  const std::uint64_t used = memory_of_tree(pid(service));
  if (used <= limit) return {};
  return "held " + in_megabytes(used) + " of memory, more than its limit of " + in_megabytes(limit) + " (memory)";
}

void Services::watch_memory(TimePoint now) {
  if (now < memory_at_) return;
  memory_at_ = now + kMemoryEvery;
  for (ServiceIndex i = 0; i < runs_.size(); ++i) {
    std::string excess = memory_excess(i);
    if (!excess.empty()) feed(service_event::Unhealthy{i, std::move(excess)});
  }
}

/// Children of services that had left their group: they are the engine's now, and known by their environment.
void Services::sweep(TimePoint now) {
  if (now > sweep_until_) return;
  const auto children = posix::children_of_self();
  if (!children.ok()) return;
  for (const pid_t child : *children) {
    // Tests and their daemons are the run's, too, but only services have the mark below.
    if (knows(child) || posix::environment_of(child, "TRUN_RUN_ID") != context_.run_id) continue;
    if (!posix::environment_of(child, kServiceMark)) continue;
    // It is our child and was not waited for: the pid cannot be anybody else's.
    ::kill(child, SIGKILL);
  }
}

void Services::paused(Duration time) {
  if (set_) set_->paused(time);
}

void Services::look() {
  for (Run& run : runs_) {
    if (run.process) run.process->look();
  }
}

void Services::look_closely(ServiceIndex service) {
  if (runs_[service].process) runs_[service].process->look_closely();
}

void Services::stop() {
  if (set_) feed(service_event::StopAll{});
}

bool Services::knows(pid_t pid) const {
  return std::any_of(runs_.begin(), runs_.end(), [pid](const Run& run) {
    return (run.process && run.process->knows(pid)) || (run.databases && run.databases->knows(pid));
  });
}

std::string Services::log_path(ServiceIndex service) const {
  return runs_[service].process ? runs_[service].process->log().path() : std::string();
}

std::string Services::last_lines(ServiceIndex service, std::size_t most) const {
  return runs_[service].process ? runs_[service].process->log().last_lines(most) : std::string();
}

}  // namespace trun
