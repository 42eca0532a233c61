// SeparationOptions: what the configuration asks for to keep workers out of each other's way. A value; separation.h
// acts on it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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

/// In which network workers run.
enum class NetworkMode {
  host,      ///< the machine's
  isolated,  ///< each in a network namespace of its own, with nothing but a loopback
};

struct SeparationOptions {
  std::vector<PortSetting> ports;
  std::vector<std::string> once;  ///< names of session fixtures
  NetworkMode network = NetworkMode::host;
  bool private_tmpdir = false, private_home = false;
};

}  // namespace trun
