#include "runner/ports/run_ports.h"

#include <algorithm>

#include "runner/model/variables.h"

namespace trun {

const PortSetting* RunPorts::setting(const std::string& name) const {
  const auto found =
      std::find_if(settings_.begin(), settings_.end(), [&](const auto& each) { return each.name == name; });
  return found == settings_.end() ? nullptr : &*found;
}

RunPorts::Key RunPorts::key(Slot slot, const std::string& name) const {
  const PortSetting* declared = setting(name);
  const bool of_run = declared && declared->scope == PortSetting::Scope::run;
  // A name that is declared nowhere belongs to the slot whose test has asked for it.
  return {of_run ? std::nullopt : std::optional(slot), name};
}

Result<RunPorts::Held> RunPorts::take(const std::string& name) const {
  const PortSetting* declared = setting(name);
  Held held;
  if (declared && declared->number) held.number = *declared->number;
  // In a network of its own each slot can have the number, and nobody outside can take it: a lease would keep the other
  // slots out.
  if (held.number != 0 && private_networks_) return held;
  TRUN_TRY(lease, held.number != 0 ? leases_.lease_fixed(name, held.number) : leases_.lease(name));
  // A guard is bound in the engine's network, where the workers of private ones do not come.
  if (declared && declared->guard && !private_networks_) TRUN_CHECK(lease.guard());
  held.number = lease.number();
  held.lease = std::move(lease);
  return held;
}

Status RunPorts::open(unsigned slots) {
  for (const PortSetting& declared : settings_) {
    const bool of_run = declared.scope == PortSetting::Scope::run;
    // Found before anything is leased, so that the error names the setting and not a number that is taken.
    if (declared.number && !of_run && slots > 1 && !private_networks_) {
      return usage_error("port '" + declared.name + "' is to be " + std::to_string(*declared.number) + " for each of " +
                         std::to_string(slots) +
                         " workers, which cannot all have it: leave the number to trun, give scope = \"run\" if they "
                         "share one server, or network = \"namespace\"");
    }
    for (Slot slot = 0; slot < slots; ++slot) {
      // Of the run's ports the first slot leases, and the others find it there (key()).
      TRUN_TRY(number, this->number(slot, declared.name));
      (void)number;
    }
  }
  return ok_status();
}

Status RunPorts::renew(Slot slot) {
  for (auto& [key, held] : held_) {
    // Not renewed: ports of other slots and of the run; numbers without a lease; those on which a service listens;
    // guarded ones, whose guard sits there itself; those that are free.
    if (key.first != slot || !held.lease || held.kept || held.lease->guarded() || held.lease->free()) continue;
    const PortSetting* declared = setting(key.second);
    if (declared && declared->number) continue;  // its user will be told who has it
    // Given back first: numbers come round, so it is not the next that is leased.
    held.lease.reset();
    TRUN_TRY(fresh, take(key.second));
    held = std::move(fresh);
  }
  return ok_status();
}

std::vector<std::pair<std::string, std::string>> RunPorts::environment(Slot slot) const {
  std::vector<std::pair<std::string, std::string>> variables;
  for (const PortSetting& declared : settings_) {
    const auto found = held_.find(key(slot, declared.name));
    if (found != held_.end())
      variables.emplace_back(port_variable(declared.name), std::to_string(found->second.number));
  }
  return variables;
}

Result<std::uint16_t> RunPorts::number(Slot slot, const std::string& name) {
  const Key key = this->key(slot, name);
  auto found = held_.find(key);
  if (found == held_.end()) {
    TRUN_TRY(held, take(name));
    found = held_.emplace(key, std::move(held)).first;
  }
  return found->second.number;
}

std::optional<std::uint16_t> RunPorts::keep(std::optional<Slot> slot, const std::string& name) {
  const PortSetting* declared = setting(name);
  if (!declared || (!slot && declared->scope == PortSetting::Scope::slot)) return std::nullopt;
  const auto found = held_.find(key(slot.value_or(0), name));
  if (found == held_.end()) return std::nullopt;
  // From here on whoever sits on the number is the service, and no stranger.
  found->second.kept = true;
  return found->second.number;
}

Result<Fd> RunPorts::socket(Slot slot, const std::string& name, const std::string& address) const {
  const auto found = held_.find(key(slot, name));
  if (found == held_.end() || !found->second.lease) {
    return internal_error("port '" + name + "' has no socket here: bind its number");
  }
  return found->second.lease->bound_socket(address);
}

Status RunPorts::release(Slot slot, const std::string& name) {
  if (setting(name)) {
    return usage_error("port '" + name + "' is declared in [ports] and lasts as long as the run");
  }
  // The lease ends with it; under that name comes another number.
  held_.erase(key(slot, name));
  return ok_status();
}

}  // namespace trun
