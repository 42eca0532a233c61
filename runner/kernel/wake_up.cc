#include "runner/kernel/wake_up.h"

#include <csignal>

namespace trun {
namespace {

volatile std::sig_atomic_t called = 0;

void take_call(int) { called = 1; }

}  // namespace

int wake_up_signal() { return SIGRTMIN + 10; }

void answer_wake_ups() {
  // Without SA_RESTART: the call that hangs returns EINTR.
  struct sigaction action {};
  action.sa_handler = take_call;
  sigemptyset(&action.sa_mask);
  ::sigaction(wake_up_signal(), &action, nullptr);
}

bool woken() { return called != 0; }

}  // namespace trun
