#include "runner/wire/line_pipe.h"

#include <errno.h>
#include <unistd.h>

namespace trun {
namespace {

constexpr std::size_t kTail = 16 * 1024;
/// A line that is longer comes in pieces: who writes without end and without a newline must not fill trun's memory.
constexpr std::size_t kLongestLine = 16 << 20;

}  // namespace

bool LinePipe::read(const std::function<void(std::string_view)>& line) {
  char buffer[1 << 16];
  // Bounded: a process that writes without end must not keep the loop from its other work.
  for (int round = 0; round < 64; ++round) {
    const ssize_t count = ::read(fd_.get(), buffer, sizeof buffer);
    if (count > 0) {
      take({buffer, static_cast<std::size_t>(count)}, line);
    } else if (count == 0) {
      return false;
    } else if (errno != EINTR) {
      // Nothing is there now; any other error is treated as the end.
      return errno == EAGAIN || errno == EWOULDBLOCK;
    }
  }
  return true;
}

void LinePipe::take(std::string_view bytes, const std::function<void(std::string_view)>& line) {
  // Of a large read only what will remain is copied.
  tail_.append(bytes.size() > kTail ? bytes.substr(bytes.size() - kTail) : bytes);
  if (tail_.size() > kTail) tail_.erase(0, tail_.size() - kTail);
  while (!bytes.empty()) {
    // Only new bytes are searched: a long line that comes in many reads is not gone through again for each.
    const auto end = bytes.find('\n');
    partial_.append(bytes.substr(0, end));
    if (end == std::string_view::npos) {
      // The next piece of the same line comes as a line of its own.
      if (partial_.size() >= kLongestLine) finish(line);
      return;
    }
    line(partial_);
    partial_.clear();
    bytes.remove_prefix(end + 1);
  }
}

void LinePipe::finish(const std::function<void(std::string_view)>& line) {
  if (!partial_.empty()) line(partial_);
  partial_.clear();
}

}  // namespace trun
