// ServiceValues: what is known of each service before it starts, its ports above all, and what follows from that: the
// text of templates, and the variables that tests find in their environment.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runner/base/result.h"
#include "runner/base/template_text.h"
#include "runner/model/variables.h"
#include "runner/services/plan/service_plan.h"

namespace trun {

/// A port of [ports], by name: of that slot, or of the run.
using PortLookup = std::function<std::optional<std::uint16_t>(std::optional<Slot> slot, std::string_view name)>;

class ServiceValues {
 public:
  /// Both outlive it. `others`: what {port.NAME} is where the service has no port of that name.
  ServiceValues(const std::vector<ServiceOptions>& services, const ServicePlan& plan, std::string run_id,
                PortLookup others = {});

  void set_port(ServiceIndex service, const std::string& name, std::uint16_t number);
  void set_directory(ServiceIndex service, std::string path) { values_[service].directory = std::move(path); }

  /// The port of that name, or the first where it is empty; 0: there is none.
  std::uint16_t port(ServiceIndex service, std::string_view name = {}) const;

  /// `text` for `service`; in a service that is one for all, {slot} and {database} are those of `slot`. Error (usage):
  /// a template that means nothing there; it names the service's place.
  Result<std::string> expand(ServiceIndex service, std::string_view text, std::optional<Slot> slot = {}) const;
  Result<std::vector<std::string>> expand(ServiceIndex service, const std::vector<std::string>& texts,
                                          std::optional<Slot> slot = {}) const;

  /// TRUN_SERVICE_<NAME>_HOST, _PORT, _PORT_<PORT>, _URL, _DATABASE, as a test in `slot` finds them.
  Result<Variables> for_tests(Slot slot) const { return variables(slot); }
  /// The same for a service. Where it is one for all slots: without what each slot has for itself.
  Result<Variables> of_others(std::optional<Slot> slot) const { return variables(slot); }

  /// What `slot` has of a service of scope slot-database.
  Result<std::string> database(ServiceIndex service, Slot slot) const;
  Result<std::string> url(ServiceIndex service, std::optional<Slot> slot) const;

 private:
  struct Values {
    Variables ports;  // name, number
    std::string directory;
  };

  Result<Variables> variables(std::optional<Slot> slot) const;
  const ServiceOptions& options(ServiceIndex service) const { return services_[plan_.instances[service].service]; }
  std::optional<std::string> look_up(ServiceIndex service, std::optional<Slot> slot, std::string_view name) const;
  std::optional<std::string> look_up_anywhere(ServiceIndex service, std::optional<Slot> slot,
                                              std::string_view name) const;
  std::optional<std::string> look_up_other(std::optional<Slot> slot, std::string_view name) const;
  std::string known(ServiceIndex service, std::optional<Slot> slot) const;

  const std::vector<ServiceOptions>& services_;
  const ServicePlan& plan_;
  const std::string run_id_;
  const PortLookup others_;
  std::vector<Values> values_;
};

}  // namespace trun
