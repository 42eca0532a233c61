// How trun.toml says what keeps workers apart: [ports], [fixtures] and network. From ConfigValue to SeparationOptions.
#pragma once

#include <string>
#include <vector>

#include "runner/config/config_value.h"
#include "runner/config/separation_options.h"

namespace trun {

/// [ports]: api = {}, web = { port = 8080, scope = "run", guard = true }.
Complaint parse_ports(const ConfigValue& value, std::vector<PortSetting>& out);

/// [fixtures]: once = ["database_url"].
Complaint parse_fixtures(const ConfigValue& value, std::vector<std::string>& once);

/// "host", "namespace".
Complaint parse(const ConfigValue& value, NetworkMode& out);
std::string show(NetworkMode mode);

}  // namespace trun
