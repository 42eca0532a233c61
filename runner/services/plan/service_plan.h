// ServicePlan: the services of a run as instances with their dependencies resolved: one for the run, or one a slot.
// Pure; what cannot be started in any order is refused here, with the place in the file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runner/base/result.h"
#include "runner/base/test_item.h"
#include "runner/model/service.h"

namespace trun {

/// Index into ServicePlan::instances.
using ServiceIndex = std::uint32_t;

struct ServiceInstance {
  std::size_t service = 0;   ///< index into the options it was made from
  std::optional<Slot> slot;  ///< of scope "worker"
  std::string name;          ///< "redis", or "redis of gw1"
  std::vector<ServiceIndex> needs;
};

struct ServicePlan {
  /// What is needed comes before who needs it.
  std::vector<ServiceInstance> instances;

  /// What a test in `slot` uses where it names the service `name`; nullopt: there is none of that name.
  std::optional<ServiceIndex> find(const std::vector<ServiceOptions>& services, std::string_view name, Slot slot) const;
};

/// Error (usage): a dependency that does not exist, that goes round in a circle, that belongs to a later phase, or that
/// is of one slot where its user is of all; two services of one name; a check of a port that the service does not have.
Result<ServicePlan> plan_services(const std::vector<ServiceOptions>& services, unsigned slots);

}  // namespace trun
