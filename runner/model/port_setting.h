// PortSetting: a port that tests have for themselves, as [ports] in trun.toml declares it. A value: who leases it is
// runner/ports' business.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace trun {

/// One entry of [ports].
struct PortSetting {
  enum class Scope { slot, run };

  std::string name;
  std::optional<std::uint16_t> number;  ///< none: trun chooses
  Scope scope = Scope::slot;
  bool guard = false;  ///< held by a bound socket until the end: its server must set SO_REUSEADDR or SO_REUSEPORT
  bool operator==(const PortSetting&) const = default;
};

}  // namespace trun
