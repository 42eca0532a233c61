#include "runner/services/process/service_ports.h"

#include <utility>

#include "runner/kernel/posix.h"
#include "runner/services/process/service_listeners.h"

namespace trun {

Status ServicePorts::lease(const ServiceOptions& service, PortLeases& ports) {
  for (const ServicePort& port : service.ports) {
    const std::string name = service.name + "." + port.name;
    auto lease = port.fixed ? ports.lease_fixed(name, port.fixed) : ports.lease(name);
    if (!lease.ok()) {
      // The kind stays: a number that somebody has is a usage error, and a machine without leases is not.
      return Error{lease.error().kind, service.place + ": service '" + service.name + "': " + lease.error().message};
    }
    leases_.push_back(std::move(*lease));
  }
  return ok_status();
}

Status ServicePorts::check_free() const {
  for (const PortLease& lease : leases_) TRUN_CHECK(port_is_free(lease.number()));
  return ok_status();
}

Status ServicePorts::hand_over(const ServiceOptions& service, LaunchOptions& program) {
  for (std::size_t i = 0; i < service.ports.size(); ++i) {
    if (!service.ports[i].hand_over) continue;
    TRUN_TRY(socket, leases_[i].bound_socket("127.0.0.1", true));
    // In the child, dup2() puts the sockets at 3, 4, ...: one that lies there itself would be overwritten before its
    // turn.
    TRUN_TRY(high, posix::dup_high(socket));
    program.handed_over.push_back({high.get(), service.ports[i].name});
    // Kept open here, too: over a restart the socket goes on to listen, and who connects meanwhile waits.
    sockets_.push_back(std::move(high));
  }
  return ok_status();
}

}  // namespace trun
