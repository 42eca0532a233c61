#include "runner/kernel/event_loop.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <map>
#include <utility>

namespace trun {

namespace asio = boost::asio;

namespace {

/// Calls `handler` and then `arm`, also where the handler throws: whoever catches it further up goes on with this loop.
template <typename Handler, typename Arm>
void call(const Handler& handler, const Arm& arm) {
  try {
    handler();
  } catch (...) {
    arm();
    throw;
  }
  arm();
}

}  // namespace

struct EventLoop::State {
  struct Watch {
    std::uint64_t id;
    asio::posix::stream_descriptor descriptor;
    std::function<void()> ready;     // to be read; none: nobody reads it
    std::function<void()> writable;  // none: nobody waits to write
  };

  asio::io_context io{1};
  std::map<int, Watch> watches;
  std::uint64_t next_id = 0;
  asio::steady_timer timer{io};
  std::unique_ptr<asio::signal_set> signals;

  Watch* find(int fd, std::uint64_t id) {
    const auto found = watches.find(fd);
    return found != watches.end() && found->second.id == id ? &found->second : nullptr;
  }

  Watch& add(int fd, std::function<void()> ready) {
    return watches.emplace(fd, Watch{++next_id, asio::posix::stream_descriptor(io, fd), std::move(ready), {}})
        .first->second;
  }

  void arm(int fd, std::uint64_t id) {
    find(fd, id)->descriptor.async_wait(asio::posix::descriptor_base::wait_read, [this, fd, id](auto error) {
      if (error || !find(fd, id)) return;
      // A copy: unwatch() may be called from within.
      const auto ready = find(fd, id)->ready;
      call(ready, [&] {
        if (find(fd, id)) arm(fd, id);
      });
    });
  }

  void arm_tick(Duration period, std::function<void()> tick) {
    timer.expires_after(std::chrono::duration_cast<asio::steady_timer::duration>(period));
    timer.async_wait([this, period, tick](auto error) {
      if (error) return;
      call(tick, [&] { arm_tick(period, tick); });
    });
  }

  void arm_signals(std::function<void(int)> handler) {
    signals->async_wait([this, handler](auto error, int signal) {
      if (error) return;
      call([&] { handler(signal); }, [&] { arm_signals(handler); });
    });
  }
};

EventLoop::EventLoop() : state_(std::make_unique<State>()) {}

EventLoop::~EventLoop() {
  for (auto& [fd, watch] : state_->watches) watch.descriptor.release();
}

void EventLoop::watch(int fd, std::function<void()> ready) {
  unwatch(fd);
  state_->arm(fd, state_->add(fd, std::move(ready)).id);
}

void EventLoop::when_writable(int fd, std::function<void()> ready) {
  const auto found = state_->watches.find(fd);
  State::Watch& watch = found != state_->watches.end() ? found->second : state_->add(fd, {});
  const bool is_waiting = watch.writable != nullptr;
  watch.writable = std::move(ready);
  if (is_waiting) return;
  watch.descriptor.async_wait(asio::posix::descriptor_base::wait_write, [this, fd, id = watch.id](auto error) {
    State::Watch* now = state_->find(fd, id);
    if (error || !now) return;
    const auto act = std::exchange(now->writable, nullptr);
    if (!now->ready) unwatch(fd);
    act();
  });
}

void EventLoop::unwatch(int fd) {
  const auto found = state_->watches.find(fd);
  if (found == state_->watches.end()) return;
  found->second.descriptor.release();
  state_->watches.erase(found);
}

void EventLoop::every(Duration period, std::function<void()> tick) { state_->arm_tick(period, std::move(tick)); }

void EventLoop::on_signals(const std::vector<int>& signals, std::function<void(int)> handler) {
  state_->signals = std::make_unique<asio::signal_set>(state_->io);
  for (int signal : signals) state_->signals->add(signal);
  state_->arm_signals(std::move(handler));
}

void EventLoop::run_one(Duration limit) {
  state_->io.restart();
  state_->io.run_one_for(std::chrono::duration_cast<std::chrono::milliseconds>(limit));
}

}  // namespace trun
