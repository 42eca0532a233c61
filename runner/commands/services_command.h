// `trun services up|down|status|logs`: the services of trun.toml for a person at work, without a run. `up` leaves a
// process of trun's behind that holds them, under a guardian as a run's engine is; the others find it by a file beside
// the logs.
#pragma once

#include <string>
#include <vector>

namespace trun {

/// `args`: what followed "services". Returns the exit code: 1 if something did not start, 4 for wrong usage.
int run_services_command(const std::vector<std::string>& args);

}  // namespace trun
