// EventLoop: the one place where the engine waits. Descriptors, a tick and signals are watched here, and
// whoever watches is called back on the engine's one thread. Boost.Asio stays in the .cc.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "runner/base/clock.h"

namespace trun {

class EventLoop {
 public:
  EventLoop();
  ~EventLoop();

  /// Calls `ready` each time `fd` is readable, until unwatch(). The descriptor stays the caller's, and does not
  /// block from then on, for whoever shares the open file.
  void watch(int fd, std::function<void()> ready);
  void unwatch(int fd);
  /// Calls `ready` once, when `fd` can be written to; not if unwatch() comes before that. A later call replaces this
  /// one. A descriptor that blocks, and is not watched, goes on to block. Where the process has no descriptor left for
  /// that, nothing is called.
  void when_writable(int fd, std::function<void()> ready);

  /// Calls `tick` every `period`.
  void every(Duration period, std::function<void()> tick);

  /// Calls `handler` with the number of each signal that arrives.
  void on_signals(const std::vector<int>& signals, std::function<void(int)> handler);

  /// Waits for one thing to happen and calls who watches for it; waits no longer than `limit`. What a handler throws
  /// comes out here, and the loop is as good as before.
  void run_one(Duration limit);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trun
