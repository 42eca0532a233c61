// Where the logs of services are kept: beside the configuration file.
#pragma once

#include <string>

namespace trun {

/// ".trun/services" beside `file`, made if it is not there. Like pytest's cache it keeps itself out of the repository.
std::string service_folder(const std::string& file);

}  // namespace trun
