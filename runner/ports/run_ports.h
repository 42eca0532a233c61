// RunPorts: which port numbers the tests of a run have: those that [ports] declares, for each slot or for the whole
// run, and those that a test asks for by a name of its own. A slot keeps its numbers from one worker process to the
// next, as long as nobody else sits on them. Its users learn them as TRUN_PORT_<NAME> or by the fixture trun_port.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runner/base/result.h"
#include "runner/base/test_item.h"
#include "runner/model/port_setting.h"
#include "runner/ports/port_leases.h"

namespace trun {

class RunPorts {
 public:
  /// `leases` outlives it. `private_networks`: each slot has a network of its own, so numbers that were given need no
  /// lease.
  RunPorts(std::vector<PortSetting> settings, PortLeases& leases, bool private_networks)
      : settings_(std::move(settings)), leases_(leases), private_networks_(private_networks) {}

  /// Leases what is declared. Error: a number that was given is taken (by whom), or several slots cannot all have it.
  Status open(unsigned slots);

  /// Called before a worker starts in `slot`: numbers on which somebody sits (a process that the last worker left, or a
  /// stranger) are given back, and others leased.
  Status renew(Slot slot);

  /// What the environment of a worker in `slot` says.
  std::vector<std::pair<std::string, std::string>> environment(Slot slot) const;

  /// The number of that name for `slot`, leased if it is new.
  Result<std::uint16_t> number(Slot slot, const std::string& name);
  /// The number of a declared port, for somebody who keeps it as long as the run: it is not given back by renew().
  /// Empty: there is none of that name, or each slot has its own and `slot` is none.
  std::optional<std::uint16_t> keep(std::optional<Slot> slot, const std::string& name);
  /// The very socket (PortLease::bound_socket). REQUIRES: number() has succeeded for it.
  Result<Fd> socket(Slot slot, const std::string& name, const std::string& address) const;
  /// The slot needs it no more. Error: it is declared in [ports], and its users have it from their environment.
  Status release(Slot slot, const std::string& name);
  /// Gives everything back.
  void close() { held_.clear(); }

 private:
  /// A number, with its lease where it has one.
  struct Held {
    std::uint16_t number = 0;
    std::optional<PortLease> lease;
    bool kept = false;
  };
  using Key = std::pair<std::optional<Slot>, std::string>;  ///< no slot: the run's

  const PortSetting* setting(const std::string& name) const;
  Key key(Slot slot, const std::string& name) const;
  Result<Held> take(const std::string& name) const;

  const std::vector<PortSetting> settings_;
  PortLeases& leases_;
  const bool private_networks_;
  std::map<Key, Held> held_;
};

}  // namespace trun
