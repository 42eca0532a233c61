#include "runner/wire/output_queue.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <utility>

#include "runner/kernel/wake_up.h"

namespace trun {
namespace {

/// So much that has been written is kept in front of what was not.
constexpr std::size_t kMostWritten = 1 << 20;

bool is_writable(int fd, Duration patience) {
  pollfd entry{fd, POLLOUT, 0};
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(patience).count();
  return ::poll(&entry, 1, static_cast<int>(ms)) > 0;  // an error too: the write says which
}

}  // namespace

Status OutputQueue::write(std::string_view text) {
  // A reader that has gone does not come back: without this each line would try again.
  if (!failure_.empty()) return internal_error(failure_);
  pending_ += text;
  return flush();
}

Status OutputQueue::flush(Duration patience) {
  if (!failure_.empty()) return internal_error(failure_);
  Status status = ok_status();
  // A blocking descriptor is written to only when poll() says that it takes something: so write() does not wait.
  while (!empty() && is_writable(fd_, patience)) {
    // So much a pipe takes at once if it takes anything. The descriptor itself is shared with others and stays
    // blocking.
    const std::size_t size = std::min<std::size_t>(backlog(), PIPE_BUF);
    const ssize_t count = ::write(fd_, pending_.data() + written_, size);
    if (count > 0) {
      written_ += static_cast<std::size_t>(count);
    } else if (errno == EINTR && woken()) {
      break;
    } else if (errno != EINTR && errno != EAGAIN) {
      status = fail();
      break;
    }
  }
  // What is left is not moved for each pipe full.
  if (empty() || written_ >= kMostWritten) pending_.erase(0, std::exchange(written_, 0));
  if (!empty() && blocked_) blocked_(fd_);
  return status;
}

Status OutputQueue::fail() {
  // Somebody has gone away: the run ends (Engine::tick). A disk that is full is another matter.
  unread_ = errno == EPIPE || errno == EIO;  // EIO: the terminal was hung up
  failure_ = std::string("cannot write: ") + std::strerror(errno);
  // It will never be written: kept, it would count as a backlog, and workers would be held up by it.
  pending_.clear();
  written_ = 0;
  return internal_error(failure_);
}

}  // namespace trun
