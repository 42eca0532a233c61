#include "runner/containment/keys.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>

namespace trun {

bool Keys::pressed(char key) {
  if (!terminal_.usable()) return false;
  if (!listening_) {
    // Before the change: the guardian puts the terminal back if the engine dies, which does no harm if nothing changed.
    page_.hold_terminal(true);
    if (!terminal_.read_keys()) {
      page_.hold_terminal(false);
      return false;
    }
    listening_ = true;
    ::signal(SIGTTIN, SIG_IGN);  // a read from the background fails, and does not stop us
  }
  pollfd entry{STDIN_FILENO, POLLIN, 0};
  // No key waits: read(2) would block, stdin is shared and stays blocking.
  if (::poll(&entry, 1, 0) <= 0) return false;
  std::array<char, 256> typed{};
  const ssize_t size = ::read(STDIN_FILENO, typed.data(), typed.size());
  // EIO from the background: the keys are somebody else's.
  if (size <= 0) return false;
  const auto end = typed.begin() + size;
  return std::find(typed.begin(), end, key) != end;
}

Status Keys::leave() {
  if (!listening_) return ok_status();
  // pressed() takes the terminal over again, which it does once a stopped job is back in the foreground.
  listening_ = false;
  terminal_.restore();
  // Only now: an engine that dies in between has the terminal put back twice, which does no harm.
  page_.hold_terminal(false);
  return ok_status();
}

}  // namespace trun
