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

bool Interrupts::is_another(int signal, TimePoint now) {
  const auto found = std::find(kInterrupting.begin(), kInterrupting.end(), signal);
  const bool direct = found != kInterrupting.end();
  Twins& twins = twins_[static_cast<std::size_t>(direct ? found - kInterrupting.begin() : signal - first_handed_on())];
  std::optional<TimePoint>& other = direct ? twins.handed_on : twins.direct;
  if (other && now - *other < kTwin) {
    other.reset();
    return false;
  }
  (direct ? twins.direct : twins.handed_on) = now;
  if (last_ && now - *last_ < kSame) return false;
  last_ = now;
  return true;
}

}  // namespace trun
