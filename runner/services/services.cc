#include "runner/services/services.h"

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

#include "runner/base/run_id.h"
#include "runner/containment/evidence.h"
#include "runner/kernel/surroundings.h"
#include "runner/services/process/compose.h"
#include "runner/services/process/service_listeners.h"

extern char** environ;

namespace trun {
namespace {

namespace fs = std::filesystem;

/// All services together are gone so soon after the stop; what is left of the five seconds is others'.
constexpr Duration kStopLimit = std::chrono::milliseconds(3500);
/// So long after an end, what the service had left in other groups is looked for.
constexpr Duration kSweepFor = std::chrono::seconds(1);
constexpr Duration kMemoryEvery = std::chrono::milliseconds(500);
constexpr const char* kMark = "TRUN_SERVICE";

std::string in_megabytes(std::uint64_t bytes) { return std::to_string(bytes >> 20) + " MB"; }

void set(std::vector<std::string>& environment, const std::string& name, const std::string& value) {
  const auto is_it = [&](const std::string& each) { return each.starts_with(name + "="); };
  environment.erase(std::remove_if(environment.begin(), environment.end(), is_it), environment.end());
  environment.push_back(name + "=" + value);
}

std::string value_of(const std::vector<std::string>& environment, const std::string& name) {
  for (const std::string& each : environment) {
    if (each.starts_with(name + "=")) return each.substr(name.size() + 1);
  }
  return {};
}

}  // namespace

Services::~Services() {
  for (Run& run : runs_) {
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
  values_ = std::make_unique<ServiceValues>(options_, plan_, ground_.run_id, ground_.ports_of_run);
  const std::string scratch = environment("TMPDIR").empty() ? "/tmp" : environment("TMPDIR");
  folder_ = scratch + "/" + scratch_name(ground_.run_id);
  for (ServiceIndex i = 0; i < runs_.size(); ++i) {
    TRUN_CHECK(lease_ports(i));
    values_->set_directory(i, folder_ + "/" + std::to_string(i));
  }
  TRUN_CHECK(check_templates(std::max(1u, slots)));
  std::vector<ServiceTerms> all;
  for (ServiceIndex i = 0; i < runs_.size(); ++i) all.push_back(terms(i));
  set_ = std::make_unique<ServiceSet>(std::move(all), kStopLimit);
  for (Slot slot = 0; slot < std::max(1u, slots); ++slot) {
    TRUN_TRY(variables, values_->for_tests(slot));
    variables_.push_back(std::move(variables));
  }
  return ok_status();
}

Status Services::lease_ports(ServiceIndex service) {
  const ServiceOptions& of = options_of(service);
  for (const ServicePort& port : of.ports) {
    const std::string name = of.name + "." + port.name;
    auto lease = port.fixed ? ground_.ports.lease_fixed(name, port.fixed) : ground_.ports.lease(name);
    if (!lease.ok())
      return Error{lease.error().kind, of.place + ": service '" + of.name + "': " + lease.error().message};
    values_->set_port(service, port.name, lease->number());
    runs_[service].ports.push_back(std::move(*lease));
  }
  return ok_status();
}

/// What cannot be said now cannot be said later: every template is tried.
Status Services::check_templates(unsigned slots) const {
  for (ServiceIndex i = 0; i < runs_.size(); ++i) {
    TRUN_CHECK(make_launch(i));
    if (options_of(i).scope != ServiceOptions::Scope::slot_database) continue;
    for (Slot slot = 0; slot < slots; ++slot) TRUN_CHECK(database_commands(options_of(i), i, *values_, slot));
  }
  return ok_status();
}

ServiceTerms Services::terms(ServiceIndex service) const {
  const ServiceOptions& of = options_of(service);
  ServiceTerms terms;
  terms.name = plan_.instances[service].name;
  terms.needs = plan_.instances[service].needs;
  terms.phase = of.phase;
  terms.has_check = of.ready.kind != ReadyCheck::Kind::started || !of.init.empty();
  terms.check = check_name(of.ready.kind);
  terms.deadline = of.ready.deadline;
  terms.interval = of.ready.interval;
  terms.reuse_deadline = std::min<Duration>(of.ready.deadline, std::chrono::seconds(5));
  terms.grace = of.grace;
  terms.restarts = of.restarts;
  return terms;
}

/// What is run of a service: its command, its check, its init.
Result<LaunchOptions> Services::program(ServiceIndex service, const std::vector<std::string>& command,
                                        std::optional<Slot> slot) const {
  const ServiceOptions& of = options_of(service);
  LaunchOptions out;
  TRUN_TRY(argv, values_->expand(service, command, slot));
  out.argv = std::move(argv);
  std::vector<std::string> environment;
  for (char** each = environ; *each; ++each) environment.emplace_back(*each);
  if (const auto own = plan_.instances[service].slot) slot = own;
  TRUN_TRY(others, values_->of_others(slot));
  for (const auto& [name, value] : others) set(environment, name, value);
  // What names a slot says nothing to a service that is one for all.
  for (const EnvTemplate& each : ground_.environment) {
    const auto value = values_->expand(service, each.text, slot);
    if (value.ok()) set(environment, each.name, *value);
  }
  set(environment, "TRUN_RUN_ID", ground_.run_id);
  set(environment, kMark, plan_.instances[service].name);
  for (const auto& [name, text] : of.env) {
    TRUN_TRY(value, values_->expand(service, text, slot));
    set(environment, name, value);
  }
  out.cwd = of.cwd;
  out.user = of.user;
  out.own_session = out.dies_with_trun = true;
  out.cpus = of.cpu > 0 ? static_cast<unsigned>(std::ceil(of.cpu)) : 0;
  const std::string path = value_of(environment, "PATH");
  out.environment = std::move(environment);
  auto file = find_program(out.argv[0], path, of.cwd.empty() ? current_directory() : of.cwd);
  // That a program is not there is for the service to fail of, not for the whole run.
  if (file.ok()) out.argv[0] = *file;
  return out;
}

Result<ServiceLaunch> Services::make_launch(ServiceIndex service) const {
  const ServiceOptions& of = options_of(service);
  ServiceLaunch launch;
  const auto engine = find_compose(environment("PATH"), environment("HOME"));
  const bool composed = !of.compose.file.empty();
  const std::string project = "trun-" + short_run_id(ground_.run_id) + "-" + of.name;
  // An engine that is not there is missed when the service is wanted, not before.
  const std::vector<std::string> words = engine.ok() ? engine.value() : std::vector<std::string>{"docker", "compose"};
  TRUN_TRY(main, program(service, composed ? compose_up(words, of.compose, project) : of.command));
  if (composed) {
    TRUN_TRY(down, program(service, compose_down(words, of.compose, project)));
    launch.down_command = std::move(down);
  }
  launch.program = std::move(main);
  launch.check = of.ready;
  TRUN_TRY(path, values_->expand(service, of.ready.path));
  launch.check.path = path;
  launch.port = values_->port(service, of.ready.port);
  if (!of.ready.command.empty()) {
    TRUN_TRY(check, program(service, of.ready.command));
    launch.check_command = std::move(check);
  }
  if (!of.init.empty()) {
    TRUN_TRY(init, program(service, of.init));
    launch.init_command = std::move(init);
  }
  if (of.ready.kind == ReadyCheck::Kind::log) {
    try {
      launch.pattern.emplace(of.ready.pattern);
    } catch (const std::regex_error& error) {
      return usage_error(of.place + ": service '" + of.name + "': ready.log '" + of.ready.pattern +
                         "' is no regular expression: " + error.what());
    }
  }
  const auto slot = plan_.instances[service].slot;
  launch.log = !of.log.empty()
                   ? of.log
                   : ground_.log_directory + "/" + of.name + (slot ? "-" + worker_name(*slot) : std::string()) + ".log";
  return launch;
}

// ---- one service

/// A new, empty one for each launch: nothing of a service that died is found by the next.
Status Services::make_directory(ServiceIndex service) {
  TRUN_TRY(path, values_->expand(service, "{dir}"));
  std::error_code error;
  const std::string parent = fs::path(path).parent_path();
  if (!scratch_.there()) {
    TRUN_TRY(made, ScratchFolder::make(parent));
    scratch_ = std::move(made);
  }
  fs::remove_all(path, error);
  if (::mkdir(path.c_str(), 0700) != 0) return internal_error("cannot make " + path + ": " + ::strerror(errno));
  const std::string& user = options_of(service).user;
  const passwd* account = user.empty() ? nullptr : ::getpwnam(user.c_str());
  if (account && ::chown(path.c_str(), account->pw_uid, account->pw_gid) != 0) {
    return internal_error("cannot give " + path + " to " + user + ": " + ::strerror(errno));
  }
  return ok_status();
}

/// What listens before the service runs, and while it is started again: those who connect meanwhile wait.
Status Services::listen(ServiceIndex service, LaunchOptions& program) {
  Run& run = runs_[service];
  for (const ServicePort& port : options_of(service).ports) {
    if (!port.hand_over) continue;
    const std::size_t place = static_cast<std::size_t>(&port - options_of(service).ports.data());
    TRUN_TRY(socket, run.ports[place].bound_socket("127.0.0.1", true));
    TRUN_TRY(high, posix::dup_high(socket));
    program.handed_over.push_back({high.get(), port.name});
    run.sockets.push_back(std::move(high));
  }
  return ok_status();
}

Status Services::startable(ServiceIndex service) const {
  const ServiceOptions& of = options_of(service);
  if (of.compose.file.empty()) return ok_status();
  const auto engine = find_compose(environment("PATH"), environment("HOME"));
  if (!engine.ok()) return usage_error(of.place + ": service '" + of.name + "': " + engine.error().message);
  return ok_status();
}

Status Services::start(ServiceIndex service) {
  TRUN_CHECK(startable(service));
  Run& run = runs_[service];
  TRUN_TRY(launch, make_launch(service));
  const std::string& cwd = launch.program.cwd;
  TRUN_CHECK(find_program(launch.program.argv[0], environment("PATH"), cwd.empty() ? current_directory() : cwd));
  if (!cwd.empty() && !fs::is_directory(cwd)) return usage_error("its cwd " + cwd + " is no directory");
  TRUN_CHECK(make_directory(service));
  for (const PortLease& lease : run.ports) {
    if (run.launches == 0) TRUN_CHECK(port_is_free(lease.number()));
  }
  if (!run.process) {
    TRUN_CHECK(listen(service, launch.program));
    run.process = std::make_unique<ServiceProcess>(
        ground_.loop, std::move(launch),
        ServiceProcess::Ears{[this, service](std::string how) {
                               sweep_until_ = Clock::now() + kSweepFor;
                               feed(service_event::Exited{service, std::move(how)});
                             },
                             [this, service](std::string complaint) { checked(service, complaint); },
                             [this, service](std::string why) {
                               feed(service_event::Condemned{service, std::move(why)});
                             }});
  }
  ++run.launches;
  return run.process->start(ground_.run_id);
}

void Services::checked(ServiceIndex service, const std::string& complaint) {
  if (complaint.empty()) {
    // Tests may be quicker than the next look at the clock.
    const std::string excess = memory_excess(service);
    if (!excess.empty()) return feed(service_event::Condemned{service, excess});
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
  runs_[action.service].process->cancel_check();
  runs_[action.service].process->signal(options_of(action.service).stop_signal);
}

void Services::perform(const service_action::Kill& action) { kill(action.service); }

void Services::kill(ServiceIndex service) {
  if (runs_[service].process) runs_[service].process->signal(SIGKILL);
}

void Services::renew_database(ServiceIndex service, Slot slot, SlotDatabases::Answer answer) {
  const auto commands = database_commands(options_of(service), service, *values_, slot);
  if (!commands.ok()) return answer(commands.error().message);
  std::vector<LaunchOptions> programs;
  for (const auto& command : *commands) {
    auto made = program(service, command, slot);
    if (!made.ok()) return answer(made.error().message);
    const auto found = find_program(made->argv[0], environment("PATH"), current_directory());
    if (!found.ok()) return answer(found.error().message);
    programs.push_back(std::move(*made));
  }
  auto& databases = runs_[service].databases;
  if (!databases) databases = std::make_unique<SlotDatabases>(ground_.loop);
  databases->renew(std::move(programs), std::move(answer));
}

// ---- all of them

void Services::feed(const ServiceEvent& event) { took(set_->handle(event, Clock::now())); }

void Services::took(const ServiceStep& step) {
  for (const ServiceNews& news : step.news) {
    // Nobody will take what waits there.
    if (news.what == ServiceNews::What::failed || news.what == ServiceNews::What::stopped)
      runs_[news.service].sockets.clear();
    ground_.tell(news);
  }
  for (const ServiceAction& action : step.actions) {
    std::visit([this](const auto& a) { perform(a); }, action);
  }
}

void Services::tick(TimePoint now) {
  if (!set_) return;
  for (Run& run : runs_) {
    if (run.process) run.process->tick(now);
    if (run.databases) run.databases->tick(now);
    if (!run.process || run.log_trouble_told || run.process->log().trouble().empty()) continue;
    run.log_trouble_told = true;
    ground_.warn("service " + plan_.instances[static_cast<std::size_t>(&run - runs_.data())].name + " " +
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
    if (!excess.empty()) feed(service_event::Condemned{i, std::move(excess)});
  }
}

/// Children of services that had left their group: they are the engine's now, and known by their environment.
void Services::sweep(TimePoint now) {
  if (now > sweep_until_) return;
  const auto children = posix::children_of_self();
  if (!children.ok()) return;
  for (const pid_t child : *children) {
    if (knows(child) || posix::environment_of(child, "TRUN_RUN_ID") != ground_.run_id) continue;
    if (!posix::environment_of(child, kMark)) continue;
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
