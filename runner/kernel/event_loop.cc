#include "runner/kernel/event_loop.h"

#include <fcntl.h>
#include <sys/epoll.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <map>
#include <utility>

#include "runner/kernel/fd.h"

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

bool blocks(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  return flags >= 0 && (flags & O_NONBLOCK) == 0;
}

/// Returns a descriptor of this process alone that is readable when `fd` can be written to. Asio makes what it waits
/// for non-blocking, and that is a property of the open file: of trun's stdout, say, which tests under -n 0 and whoever
/// started trun write to as well.
Fd stand_in_for_writing(int fd) {
  Fd stand_in(::epoll_create1(EPOLL_CLOEXEC));
  epoll_event event{};
  event.events = EPOLLOUT;
  if (::epoll_ctl(stand_in.get(), EPOLL_CTL_ADD, fd, &event) != 0) return Fd();
  return stand_in;
}

}  // namespace

struct EventLoop::State {
  struct Watch {
    // A number of a descriptor is used again soon: a handler that was under way when its watch ended must not act for
    // the next watch of that number.
    std::uint64_t id;
    Fd stand_in;  // waited for in the descriptor's place; none: the descriptor itself
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

  Watch& add(int fd, std::function<void()> ready, Fd stand_in = Fd()) {
    const int waited = stand_in.valid() ? stand_in.get() : fd;
    // epoll(7) knows each descriptor once, hence one entry for reading and writing.
    asio::posix::stream_descriptor descriptor(io, waited);
    return watches.emplace(fd, Watch{++next_id, std::move(stand_in), std::move(descriptor), std::move(ready), {}})
        .first->second;
  }

  void arm(int fd, std::uint64_t id) {
    find(fd, id)->descriptor.async_wait(asio::posix::descriptor_base::wait_read, [this, fd, id](auto error) {
      // The wait was cancelled, or the watch has ended since Asio queued this call.
      if (error || !find(fd, id)) return;
      // A copy: unwatch() may be called from within.
      const auto ready = find(fd, id)->ready;
      call(ready, [&] {
        // Asio's waits are for one time; `ready` may have ended the watch.
        if (find(fd, id)) arm(fd, id);
      });
    });
  }

  void arm_tick(Duration period, std::function<void()> tick) {
    // From now, not from when the last one was due: after a long handler no ticks are made up for.
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
  // The descriptor is the caller's: Asio's destructor would close it.
  for (auto& [fd, watch] : state_->watches) watch.descriptor.release();
}

void EventLoop::watch(int fd, std::function<void()> ready) {
  unwatch(fd);
  state_->arm(fd, state_->add(fd, std::move(ready)).id);
}

void EventLoop::when_writable(int fd, std::function<void()> ready) {
  const auto found = state_->watches.find(fd);
  Fd stand_in;
  // One that is watched for reading is non-blocking already (watch()).
  if (found == state_->watches.end() && blocks(fd)) {
    stand_in = stand_in_for_writing(fd);
    if (!stand_in.valid()) return;
  }
  State::Watch& watch = found != state_->watches.end() ? found->second : state_->add(fd, {}, std::move(stand_in));
  const bool is_waiting = watch.writable != nullptr;
  watch.writable = std::move(ready);
  // The wait under way calls whoever stands in `writable` when it ends.
  if (is_waiting) return;
  const auto direction =
      watch.stand_in.valid() ? asio::posix::descriptor_base::wait_read : asio::posix::descriptor_base::wait_write;
  watch.descriptor.async_wait(direction, [this, fd, id = watch.id](auto error) {
    State::Watch* now = state_->find(fd, id);
    if (error || !now) return;
    const auto act = std::exchange(now->writable, nullptr);
    // The end of the watch comes before the call: `act` may well wait for the same descriptor again.
    if (!now->ready) unwatch(fd);
    act();
  });
}

void EventLoop::unwatch(int fd) {
  const auto found = state_->watches.find(fd);
  if (found == state_->watches.end()) return;
  // Not close(): the descriptor stays the caller's. Waits under way are cancelled.
  found->second.descriptor.release();
  state_->watches.erase(found);
}

void EventLoop::every(Duration period, std::function<void()> tick) { state_->arm_tick(period, std::move(tick)); }

void EventLoop::on_signals(const std::vector<int>& signals, std::function<void(int)> handler) {
  // A set of its own: what was watched before is given up with the old one.
  state_->signals = std::make_unique<asio::signal_set>(state_->io);
  for (int signal : signals) state_->signals->add(signal);
  state_->arm_signals(std::move(handler));
}

void EventLoop::run_one(Duration limit) {
  // An io_context that ran out of work is stopped, and would do nothing from then on.
  state_->io.restart();
  state_->io.run_one_for(std::chrono::duration_cast<std::chrono::milliseconds>(limit));
}

}  // namespace trun
