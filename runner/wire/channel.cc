#include "runner/wire/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "runner/kernel/event_loop.h"
#include "runner/kernel/posix.h"

namespace trun {

void Channel::send(std::string frame) { queue({std::move(frame), {}, 0}); }

Status Channel::send_with(std::string frame, const std::vector<int>& fds) {
  Pending pending{std::move(frame), {}, 0};
  // Copies: the caller may close its own before the peer takes the frame. From 3 on, since 0 to 2 are the standard
  // streams.
  for (int fd : fds) {
    pending.fds.emplace_back(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
    if (!pending.fds.back())
      return internal_error("cannot copy a descriptor for a frame: " + std::string(std::strerror(errno)));
  }
  queue(std::move(pending));
  return ok_status();
}

void Channel::queue(Pending pending) {
  queue_.push_back(std::move(pending));
  // Behind what waits it waits, too, and nobody need be told again.
  if (queue_.size() == 1) flush();
}

void Channel::flush() {
  while (!queue_.empty() && write_some(queue_.front())) queue_.pop_front();
  // Asked for anew each time: EventLoop::when_writable() calls once.
  if (!queue_.empty() && blocked_) blocked_();
}

void Channel::on_blocked(std::function<void()> blocked) {
  blocked_ = std::move(blocked);
  // A frame may have been queued before anybody listened, as `hello` or `start` are.
  if (!queue_.empty()) blocked_();
}

bool Channel::write_some(Pending& pending) {
  while (pending.sent < pending.bytes.size()) {
    std::vector<int> fds;
    for (const Fd& fd : pending.fds) fds.push_back(fd.get());
    const auto taken = posix::send_with_fds(socket_, std::string_view(pending.bytes).substr(pending.sent), fds);
    if (!taken.ok()) {
      // The frame is given up, and what follows it would make no sense to the peer: next() tells the reader.
      unsent_ = taken.error();
      return true;
    }
    // The socket is full. Nothing was sent, the descriptors neither.
    if (taken.value() == 0) return false;
    // They travelled with the first bytes; sent again, the peer would have them twice.
    pending.fds.clear();
    pending.sent += taken.value();
  }
  return true;
}

bool Channel::read() {
  char buffer[1 << 16];
  while (true) {
    // MSG_DONTWAIT: the loop may call this although somebody has read already.
    const ssize_t count = ::recv(socket_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (count > 0) {
      decoder_.feed({buffer, static_cast<std::size_t>(count)});
    } else if (count == 0) {
      return false;
    } else if (errno != EINTR) {
      // ECONNRESET is an end, too: the peer died with bytes of ours unread.
      return errno == EAGAIN || errno == EWOULDBLOCK;
    }
  }
}

void flush_when_writable(EventLoop& loop, Channel& channel) {
  channel.on_blocked(
      [&loop, &channel] { loop.when_writable(channel.socket().get(), [&channel] { channel.flush(); }); });
}

}  // namespace trun
