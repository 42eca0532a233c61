// TestEnvironment: variables of the user's own in the environment of tests: what [env] and the mode say. A text that
// names what each worker has for itself, "test_{slot}", is a template: it has a value only where there is a worker. All
// others hold for the run and all that it starts. Text in, variables out; nothing is set here.
#pragma once

#include <string>
#include <vector>

#include "runner/base/result.h"
#include "runner/config/config_value.h"
#include "runner/model/variables.h"

namespace trun {

/// [env]: DATABASE_URL = "postgresql://localhost/test_{slot}".
Complaint parse_env(const ConfigValue& value, std::vector<EnvTemplate>& out);

/// What holds for all, and what each worker has for itself.
struct TestEnvironment {
  Variables all;
  std::vector<EnvTemplate> of_workers;
};

/// `env` (of [env], in `file`) and what the mode adds, which counts more. `${NAME}` in `env` is a variable before it,
/// or of `outside`. Error (usage): a text of [env] that names what does not exist anywhere.
Result<TestEnvironment> divide(std::vector<EnvTemplate> env, const std::string& file, const Variables& mode,
                               const std::string& mode_name, const Lookup& outside);

/// Those that come from the mode, and are for all that the run starts.
std::vector<EnvTemplate> of_mode(std::vector<EnvTemplate> templates);

/// The values of `templates` for the worker whose other variables (TRUN_SLOT, TRUN_PORT_API...) are `worker`. Error
/// (usage): a port or a service that does not exist.
Result<Variables> expand(const std::vector<EnvTemplate>& templates, const Variables& worker, const Lookup& outside);

}  // namespace trun
