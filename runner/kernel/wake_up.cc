#include "runner/kernel/wake_up.h"

#include <csignal>

namespace trun {
namespace {

// All that a signal handler may write without a lock-free atomic (C++ [support.signal]).
volatile std::sig_atomic_t called = 0;

void take_call(int) { called = 1; }

}  // namespace

// +9 is stacks_signal(), +11 to +13 are interrupts that the guardian hands on (interrupts.cc).
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
