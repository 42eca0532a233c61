// What makes the database that a slot has of one server as new: createdb, redis-cli, or the user's own command. Text
// out; nothing is run here.
#pragma once

#include <string>
#include <vector>

#include "runner/base/result.h"
#include "runner/services/plan/service_values.h"

namespace trun {

/// The commands, to be run one after the other. Error: a template that means nothing there.
Result<std::vector<std::vector<std::string>>> database_commands(const ServiceOptions& service, ServiceIndex index,
                                                                const ServiceValues& values, Slot slot);

}  // namespace trun
