// The process that `trun services up` leaves behind: it holds the services until it is told to stop. It stands under a
// guardian, as a run's engine does, and writes the ServicesFile.
#pragma once

#include <string>
#include <vector>

#include "runner/base/clock.h"
#include "runner/config/config.h"
#include "runner/kernel/fd.h"

namespace trun {

/// Services have so long for their end, above the 3.5 s that all of them together take (runner/services/services.cc).
constexpr Duration kDownTakes = std::chrono::seconds(8);

/// What the commands of `trun services` are about.
struct Place {
  Config config;
  std::vector<std::string> names;  ///< given on the command line
  std::string folder;              ///< of logs
};

/// Starts the services and holds them. `guardian`: a pipe that ends with the guardian. `told`: where up() reads what
/// there is to say, up to the table of what runs. Returns the exit code.
int hold_services(const Place& place, Fd guardian, Fd told);

}  // namespace trun
