#include "runner/services/plan/service_plan.h"

#include <algorithm>
#include <map>

namespace trun {
namespace {

using Scope = ServiceOptions::Scope;

Error wrong(const ServiceOptions& service, const std::string& text) {
  return usage_error((service.place.empty() ? "" : service.place + ": ") + "service '" + service.name + "': " + text);
}

std::string listed(const std::vector<ServiceOptions>& services) {
  std::string names;
  for (const auto& service : services) names += (names.empty() ? "" : ", ") + service.name;
  return names;
}

class Planner {
 public:
  Planner(const std::vector<ServiceOptions>& services, unsigned slots) : services_(services), slots_(slots) {}

  Result<ServicePlan> plan() {
    for (std::size_t i = 0; i < services_.size(); ++i) {
      if (const auto [at, fresh] = by_name_.emplace(services_[i].name, i); !fresh) {
        return wrong(services_[i], "there is another one of that name at " + services_[at->second].place);
      }
    }
    // Before visit(), which takes each name in depends_on for one that exists.
    for (const auto& service : services_) TRUN_CHECK(check(service));
    for (std::size_t i = 0; i < services_.size(); ++i) TRUN_CHECK(visit(i));
    for (const std::size_t each : order_) add(each);
    return std::move(plan_);
  }

 private:
  Status check(const ServiceOptions& service) const {
    for (const auto& name : service.depends_on) {
      const auto found = by_name_.find(name);
      if (found == by_name_.end()) {
        return wrong(service, "depends_on names '" + name + "', which is no service (there are: " + listed(services_) +
                                  "); declare [services." + name + "] or take the name out");
      }
      const ServiceOptions& other = services_[found->second];
      // It could never start: it would wait for a service that waits for its phase to settle.
      if (other.phase > service.phase) {
        return wrong(service, "depends on '" + name + "', which is started in a later phase ('" +
                                  std::string(phase_name(other.phase)) + "' comes after '" +
                                  std::string(phase_name(service.phase)) + "'); give one of them another phase");
      }
      // There would be no saying which of them is meant.
      if (other.scope == Scope::worker && service.scope != Scope::worker) {
        return wrong(service, "is one for all workers and depends on '" + name +
                                  "', of which each worker has its own; give both the same scope");
      }
    }
    return check_ready(service);
  }

  static Status check_ready(const ServiceOptions& service) {
    using Kind = ReadyCheck::Kind;
    const ReadyCheck& ready = service.ready;
    if (ready.kind != Kind::tcp && ready.kind != Kind::http) return ok_status();
    const std::string kind(check_name(ready.kind));
    if (service.ports.empty()) {
      return wrong(service, "its ready check (" + kind + ") needs a port: declare it in ports");
    }
    const bool known = ready.port.empty() || std::any_of(service.ports.begin(), service.ports.end(),
                                                         [&](const auto& port) { return port.name == ready.port; });
    return known ? ok_status()
                 : wrong(service, "its ready check (" + kind + ") names the port '" + ready.port +
                                      "', which is none of its own; declare it in ports");
  }

  /// Depth first; what is on the way down when it is met again closes a circle.
  Status visit(std::size_t service) {
    if (std::count(order_.begin(), order_.end(), service) > 0) return ok_status();
    const auto open = std::find(path_.begin(), path_.end(), service);
    if (open != path_.end()) {
      std::string circle;
      for (auto at = open; at != path_.end(); ++at) circle += services_[*at].name + " -> ";
      return wrong(services_[*open], "depends_on goes round in a circle: " + circle + services_[service].name +
                                         "; take one of these out");
    }
    path_.push_back(service);
    for (const auto& name : services_[service].depends_on) TRUN_CHECK(visit(by_name_.at(name)));
    path_.pop_back();
    // Behind all that it needs: so needs have smaller indices, which ServiceTerms asks for.
    order_.push_back(service);
    return ok_status();
  }

  void add(std::size_t service) {
    const bool many = services_[service].scope == Scope::worker;
    for (Slot slot = 0; slot < (many ? slots_ : 1); ++slot) {
      ServiceInstance instance;
      instance.service = service;
      instance.name = services_[service].name;
      if (many) {
        instance.slot = slot;
        instance.name += " of " + worker_name(slot);
      }
      for (const auto& name : services_[service].depends_on) {
        // It is there: order_ has it before. Of a service of scope worker it is the one of the same slot.
        const ServiceIndex need = *plan_.find(services_, name, slot);
        // A name that is given twice is one need.
        if (std::count(instance.needs.begin(), instance.needs.end(), need) == 0) instance.needs.push_back(need);
      }
      plan_.instances.push_back(std::move(instance));
    }
  }

  const std::vector<ServiceOptions>& services_;
  const unsigned slots_;
  std::map<std::string_view, std::size_t> by_name_;
  std::vector<std::size_t> path_, order_;
  ServicePlan plan_;
};

}  // namespace

std::optional<ServiceIndex> ServicePlan::find(const std::vector<ServiceOptions>& services, std::string_view name,
                                              Slot slot) const {
  for (ServiceIndex i = 0; i < instances.size(); ++i) {
    if (services[instances[i].service].name == name && instances[i].slot.value_or(slot) == slot) return i;
  }
  return std::nullopt;
}

Result<ServicePlan> plan_services(const std::vector<ServiceOptions>& services, unsigned slots) {
  return Planner(services, slots).plan();
}

}  // namespace trun
