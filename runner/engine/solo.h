// SoloBook: what the engine keeps of a solo run. Owned by the Engine, worked on in solo.cc.
#pragma once

#include <optional>

#include "runner/base/test_item.h"

namespace trun {

struct SoloBook {
  bool runs = false;                 ///< the tests, not only the collection
  bool crashed = false;              ///< a process has ended in a test
  std::optional<ItemIndex> died_in;  ///< which one, while nobody has looked after that
};

/// The exit code: pytest's own; of a process that ended in a test the session of the next knows nothing.
int solo_code(std::optional<int> session, std::optional<int> stopped, bool crashed);

}  // namespace trun
