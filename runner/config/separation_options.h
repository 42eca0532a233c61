// SeparationOptions: what the configuration asks for to keep workers out of each other's way. A value; separation.h
// acts on it.
#pragma once

#include <string>
#include <vector>

#include "runner/model/port_setting.h"

namespace trun {

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
