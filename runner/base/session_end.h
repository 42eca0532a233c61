// How the session of a worker ended.
#pragma once

#include <compare>

namespace trun {

struct SessionEnd {
  int code = 0;         ///< pytest's exit code
  bool raised = false;  ///< by an exception of a hook's
  auto operator<=>(const SessionEnd&) const = default;
};

}  // namespace trun
