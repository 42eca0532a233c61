// The id of a run where there is no room for all of it.
#pragma once

#include <string>
#include <string_view>

namespace trun {

/// As it stands in the names of files and databases.
inline std::string short_run_id(std::string_view run_id) { return std::string(run_id.substr(0, 8)); }

}  // namespace trun
