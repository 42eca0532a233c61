#include "runner/wire/output_queue.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include "runner/kernel/wake_up.h"

namespace trun {
namespace {

bool is_writable(int fd, Duration patience) {
  pollfd entry{fd, POLLOUT, 0};
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(patience).count();
  return ::poll(&entry, 1, static_cast<int>(ms)) > 0;  // an error too: the write says which
}

}  // namespace

Status OutputQueue::write(std::string_view text) {
  if (!failure_.empty()) return internal_error(failure_);
  pending_ += text;
  return flush();
}

Status OutputQueue::flush(Duration patience) {
  if (!failure_.empty()) return internal_error(failure_);
  std::size_t written = 0;
  Status status = ok_status();
  while (written < pending_.size() && is_writable(fd_, patience)) {
    // So much a pipe takes at once if it takes anything. The descriptor itself is shared with others and stays
    // blocking.
    const std::size_t size = std::min<std::size_t>(pending_.size() - written, PIPE_BUF);
    const ssize_t count = ::write(fd_, pending_.data() + written, size);
    if (count > 0) {
      written += static_cast<std::size_t>(count);
    } else if (errno == EINTR && woken()) {
      break;
    } else if (errno != EINTR && errno != EAGAIN) {
      status = fail();
      break;
    }
  }
  pending_.erase(0, written);
  return status;
}

Status OutputQueue::fail() {
  unread_ = errno == EPIPE || errno == EIO;  // EIO: the terminal was hung up
  failure_ = std::string("cannot write: ") + std::strerror(errno);
  pending_.clear();
  return internal_error(failure_);
}

}  // namespace trun
