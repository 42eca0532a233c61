// Interrupts: tells one Ctrl-C (or SIGTERM, SIGQUIT) that reaches the engine twice from two. A signal to the whole
// process group comes to the engine and to the guardian, who hands it on: how long after, the machine's load decides.
// So the guardian hands it on in another form, and each form of one signal is taken for the other's twin once.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "runner/base/clock.h"

namespace trun {

/// What the guardian sends to the engine for `signal`: a signal of its own for those that interrupt, else the same.
int handed_on(int signal);
/// Both forms of the signals that interrupt.
std::vector<int> interrupting_signals();

class Interrupts {
 public:
  /// Whether `signal`, in either form, is one more interrupt. REQUIRES: it is one of interrupting_signals().
  bool is_another(int signal, TimePoint now);

 private:
  struct Twins {
    std::optional<TimePoint> direct, handed_on;  ///< came, and the other form has not
  };

  std::array<Twins, 3> twins_;
  std::optional<TimePoint> last_;
};

}  // namespace trun
