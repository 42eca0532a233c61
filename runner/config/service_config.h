// [services.NAME] in trun.toml, read into ServiceOptions.
#pragma once

#include <string>
#include <vector>

#include "runner/config/config_value.h"
#include "runner/model/service.h"

namespace trun {

/// In the order of the file. What hangs together between services is checked by plan_services().
Complaint parse_services(const ConfigValue& value, std::vector<ServiceOptions>& out);

/// Completes what was read with what only the file's place tells: paths are relative to it, a service runs in its
/// folder.
std::vector<ServiceOptions> located(std::vector<ServiceOptions> services, const std::string& file);

}  // namespace trun
