#include "runner/kernel/fd.h"

#include <unistd.h>

namespace trun {

void Fd::reset(int fd) {
  // Not repeated on EINTR: on Linux the descriptor is free by then, and may be somebody else's already.
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

}  // namespace trun
