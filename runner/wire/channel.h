// Channel: the engine's end of a socket to one process. Cuts what arrives into payloads and keeps what the peer does
// not take yet. It never blocks. It knows nothing of what the payloads say.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/base/result.h"
#include "runner/kernel/fd.h"
#include "runner/wire/frame.h"

namespace trun {

class EventLoop;

class Channel {
 public:
  Channel() = default;
  /// REQUIRES: `socket` is non-blocking.
  explicit Channel(Fd socket) : socket_(std::move(socket)) {}

  const Fd& socket() const { return socket_; }

  /// Queues a whole frame and writes what the peer takes. A peer that is gone is no error here: its end is learnt by
  /// reading. What else stands against it, next() tells.
  void send(std::string frame);
  /// The same with copies of `fds`, which travel with its first byte. Error: one cannot be copied, as where this
  /// process has no descriptor left; nothing is sent then.
  Status send_with(std::string frame, const std::vector<int>& fds);
  /// Writes what the peer takes of what is queued.
  void flush();
  /// `blocked` is called when the peer takes no more for now: whoever waits for the socket then calls flush().
  void on_blocked(std::function<void()> blocked);

  /// Reads what is there. False: the peer has closed, everything it wrote has been read.
  bool read();
  /// The next whole payload, see FrameDecoder. Error: nonsense, or why a frame could not be sent.
  Result<std::optional<std::string_view>> next() {
    if (unsent_) return *unsent_;
    return decoder_.next();
  }

 private:
  struct Pending {
    std::string bytes;
    std::vector<Fd> fds;
    std::size_t sent = 0;
  };

  void queue(Pending pending);
  bool write_some(Pending& pending);

  Fd socket_;
  FrameDecoder decoder_;
  std::deque<Pending> queue_;
  std::function<void()> blocked_;
  std::optional<Error> unsent_;
};

/// Has `loop` flush `channel` whenever its peer takes more. Both outlive the watch of its socket.
void flush_when_writable(EventLoop& loop, Channel& channel);

}  // namespace trun
