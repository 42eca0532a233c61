#include "runner/services/process/service_launch.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "runner/base/run_id.h"
#include "runner/kernel/surroundings.h"
#include "runner/services/plan/database_commands.h"
#include "runner/services/process/compose.h"

extern char** environ;

namespace trun {
namespace {

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

Result<std::vector<std::string>> compose_engine() { return find_compose(environment("PATH"), environment("HOME")); }

}  // namespace

/// trun's own, then what other services say of themselves, the mode's, and the service's.
Result<std::vector<std::string>> ServicePrograms::environment_for(ServiceIndex service,
                                                                  std::optional<Slot> slot) const {
  std::vector<std::string> out;
  for (char** each = environ; *each; ++each) out.emplace_back(*each);
  const ServiceInstance& instance = context_.plan.instances[service];
  // A service of a worker has the variables of its slot; one for all has none, but for the commands of a slot's
  // database.
  if (const auto own = instance.slot) slot = own;
  // Later ones win, so the service's own `env` comes last. Before it stands what a sweep knows its processes by: the
  // run and kServiceMark.
  TRUN_TRY(others, context_.values.of_others(slot));
  for (const auto& [name, value] : others) set(out, name, value);
  // What names a slot says nothing to a service that is one for all.
  for (const EnvTemplate& each : context_.environment) {
    const auto value = context_.values.expand(service, each.text, slot);
    if (value.ok()) set(out, each.name, *value);
  }
  set(out, "TRUN_RUN_ID", context_.run_id);
  set(out, kServiceMark, instance.name);
  for (const auto& [name, text] : options(service).env) {
    TRUN_TRY(value, context_.values.expand(service, text, slot));
    set(out, name, value);
  }
  return out;
}

Result<LaunchOptions> ServicePrograms::program(ServiceIndex service, const std::vector<std::string>& command,
                                               std::optional<Slot> slot) const {
  const ServiceOptions& of = options(service);
  LaunchOptions out;
  TRUN_TRY(argv, context_.values.expand(service, command, slot));
  out.argv = std::move(argv);
  TRUN_TRY(environment, environment_for(service, slot));
  out.cwd = of.cwd;
  out.user = of.user;
  // Its group can be signalled as a whole, and a Ctrl-C of the terminal does not reach it: it outlives its users.
  out.own_session = out.dies_with_trun = true;
  // An affinity has whole processors: rounded up, so that 0.5 is one and not none.
  out.cpus = of.cpu > 0 ? static_cast<unsigned>(std::ceil(of.cpu)) : 0;
  // Of the service's environment: its `env` may have set another PATH.
  const std::string path = value_of(environment, "PATH");
  out.environment = std::move(environment);
  auto file = find_program(out.argv[0], path, of.cwd.empty() ? current_directory() : of.cwd);
  // That a program is not there is for the service to fail of, not for the whole run.
  if (file.ok()) out.argv[0] = *file;
  return out;
}

Result<ServiceLaunch> ServicePrograms::launch(ServiceIndex service) const {
  const ServiceOptions& of = options(service);
  ServiceLaunch launch;
  const auto engine = compose_engine();
  const bool composed = !of.compose.file.empty();
  const std::string project = "trun-" + short_run_id(context_.run_id) + "-" + of.name;
  // An engine that is not there is missed when the service is wanted, not before.
  const std::vector<std::string> words = engine.ok() ? engine.value() : std::vector<std::string>{"docker", "compose"};
  TRUN_TRY(main, program(service, composed ? compose_up(words, of.compose, project) : of.command));
  if (composed) {
    TRUN_TRY(down, program(service, compose_down(words, of.compose, project)));
    launch.down_command = std::move(down);
  }
  launch.program = std::move(main);
  launch.check = of.ready;
  TRUN_TRY(path, context_.values.expand(service, of.ready.path));
  launch.check.path = path;
  launch.port = context_.values.port(service, of.ready.port);
  if (!of.ready.command.empty()) {
    TRUN_TRY(check, program(service, of.ready.command));
    launch.check_command = std::move(check);
  }
  if (!of.init.empty()) {
    TRUN_TRY(init, program(service, of.init));
    launch.init_command = std::move(init);
  }
  if (of.ready.kind == ReadyCheck::Kind::log) {
    // The only exception here: std::regex has no other way to refuse a pattern.
    try {
      launch.pattern.emplace(of.ready.pattern);
    } catch (const std::regex_error& error) {
      return usage_error(of.place + ": service '" + of.name + "': ready.log '" + of.ready.pattern +
                         "' is no regular expression: " + error.what());
    }
  }
  const auto slot = context_.plan.instances[service].slot;
  launch.log = !of.log.empty() ? of.log
                               : context_.log_directory + "/" + of.name +
                                     (slot ? "-" + worker_name(*slot) : std::string()) + ".log";
  return launch;
}

Result<std::vector<LaunchOptions>> ServicePrograms::database(ServiceIndex service, Slot slot) const {
  TRUN_TRY(commands, database_commands(options(service), service, context_.values, slot));
  std::vector<LaunchOptions> programs;
  for (const auto& command : commands) {
    TRUN_TRY(made, program(service, command, slot));
    // Here, unlike above, a missing program is told at once, with its name, to the test that waits for its database.
    TRUN_CHECK(find_program(made.argv[0], environment("PATH"), current_directory()));
    programs.push_back(std::move(made));
  }
  return programs;
}

Status ServicePrograms::startable(ServiceIndex service) const {
  const ServiceOptions& of = options(service);
  if (of.compose.file.empty()) return ok_status();
  const auto engine = compose_engine();
  if (!engine.ok()) return usage_error(of.place + ": service '" + of.name + "': " + engine.error().message);
  return ok_status();
}

}  // namespace trun
