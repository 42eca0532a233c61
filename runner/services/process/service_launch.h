// ServiceLaunch: one service as it is started: programs with their arguments and environment, all templates expanded.
// ServicePrograms: makes these, and the commands for the databases of slots, from what was declared and what is known
// of each. It looks for programs on PATH and starts none.
#pragma once

#include <cstdint>
#include <optional>
// g++ 12 sees values in its regular expressions that are not set, if sanitizers are on.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <regex>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
#include <string>
#include <utility>
#include <vector>

#include "runner/base/result.h"
#include "runner/kernel/launch.h"
#include "runner/model/variables.h"
#include "runner/services/plan/service_values.h"

namespace trun {

/// What all processes of services have in their environment: the name of the service.
constexpr const char* kServiceMark = "TRUN_SERVICE";

struct ServiceLaunch {
  LaunchOptions program;
  std::string log;
  ReadyCheck check;
  std::uint16_t port = 0;  ///< of the check
  LaunchOptions check_command, init_command;
  LaunchOptions down_command;  ///< run when it has ended, before it counts as gone
  std::optional<std::regex> pattern;
};

class ServicePrograms {
 public:
  /// What it works from; all of it outlives it.
  struct Context {
    const std::vector<ServiceOptions>& services;
    const ServicePlan& plan;
    const ServiceValues& values;
    const std::string& run_id;
    const std::string& log_directory;  ///< of services whose log has no place of its own
    /// What the mode adds to the environment and has a value only where ports are known.
    const std::vector<EnvTemplate>& environment;
  };

  explicit ServicePrograms(Context context) : context_(context) {}

  /// Error (usage): a template or a pattern that means nothing; where it stands in the file.
  Result<ServiceLaunch> launch(ServiceIndex service) const;
  /// What makes the database of `slot` as new, one after the other. Error: a template that means nothing, or a program
  /// that is not there.
  Result<std::vector<LaunchOptions>> database(ServiceIndex service, Slot slot) const;
  /// Error (usage): it cannot be started on this machine at all, for want of an engine for its compose file.
  Status startable(ServiceIndex service) const;

 private:
  Result<LaunchOptions> program(ServiceIndex service, const std::vector<std::string>& command,
                                std::optional<Slot> slot = {}) const;
  Result<std::vector<std::string>> environment_for(ServiceIndex service, std::optional<Slot> slot) const;
  const ServiceOptions& options(ServiceIndex service) const {
    return context_.services[context_.plan.instances[service].service];
  }

  const Context context_;
};

}  // namespace trun
