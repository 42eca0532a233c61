#include "runner/containment/interrupts.h"

#include <algorithm>
#include <csignal>

namespace trun {
namespace {

constexpr std::array kInterrupting = {SIGINT, SIGTERM, SIGQUIT};

/// So long after one form the other is taken for the same act: a guardian is late where the machine is busy.
constexpr Duration kTwin = std::chrono::seconds(2);
/// Nobody means two by what comes so soon: timeout(1) signals its child, and then the child's group.
constexpr Duration kSame = std::chrono::milliseconds(250);

int first_handed_on() { return SIGRTMIN + 11; }

}  // namespace

int handed_on(int signal) {
  const auto found = std::find(kInterrupting.begin(), kInterrupting.end(), signal);
  return found == kInterrupting.end() ? signal : first_handed_on() + static_cast<int>(found - kInterrupting.begin());
}

std::vector<int> interrupting_signals() {
  std::vector<int> signals(kInterrupting.begin(), kInterrupting.end());
  for (const int signal : kInterrupting) signals.push_back(handed_on(signal));
  return signals;
}

// Examples, D being the direct form (SIGINT) and H the one that the guardian hands on (SIGRTMIN + 11):
// `kill -INT -PGID`: D at 0.0 s, H at 0.9 s from a guardian that is late. D counts, H is its twin: one interrupt.
// Ctrl-C twice on a terminal: D at 0 s, D at 1 s. The guardian hands none on, so both count.
// `kill -INT` of trun's pid twice: H at 0 s, H at 1 s. Both count.
// A twin that was found is used up: D, H, D, H are two.
bool Interrupts::is_another(int signal, TimePoint now) {
  const auto found = std::find(kInterrupting.begin(), kInterrupting.end(), signal);
  const bool direct = found != kInterrupting.end();
  Twins& twins = twins_[static_cast<std::size_t>(direct ? found - kInterrupting.begin() : signal - first_handed_on())];
  std::optional<TimePoint>& other = direct ? twins.handed_on : twins.direct;
  if (other && now - *other < kTwin) {
    other.reset();
    return false;
  }
  // Also of a signal that does not count below: its own twin is still to come.
  (direct ? twins.direct : twins.handed_on) = now;
  if (last_ && now - *last_ < kSame) return false;
  last_ = now;
  return true;
}

}  // namespace trun
