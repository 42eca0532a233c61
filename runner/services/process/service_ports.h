// ServicePorts: the ports of one service: their leases, as long as the run, and the sockets of those that are handed
// over to its server.
#pragma once

#include <vector>

#include "runner/base/result.h"
#include "runner/kernel/launch.h"
#include "runner/model/service.h"
#include "runner/ports/port_leases.h"

namespace trun {

class ServicePorts {
 public:
  /// Leases what `service` declares. Error: a number that is taken (by whom), with the service's place.
  Status lease(const ServiceOptions& service, PortLeases& ports);
  /// In the order in which they are declared.
  const std::vector<PortLease>& leases() const { return leases_; }

  /// Error (usage): somebody sits on one of them; who.
  Status check_free() const;
  /// Gives `program` sockets that listen before the service runs, and while it is started again: those who connect
  /// meanwhile wait. REQUIRES: lease() has succeeded for `service`.
  Status hand_over(const ServiceOptions& service, LaunchOptions& program);
  /// Nobody will take what waits in the sockets.
  void close_sockets() { sockets_.clear(); }

 private:
  std::vector<PortLease> leases_;
  std::vector<Fd> sockets_;
};

}  // namespace trun
