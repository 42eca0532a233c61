#include "runner/kernel/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <initializer_list>

namespace trun {
namespace {

rlimit current_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit;
}

/// As it was when this was called first.
const rlimit& limit_at_start() {
  // The first call is that of raise_descriptor_limit(), before it changes anything: the value is that of trun's caller.
  static const rlimit kLimit = current_limit();
  return kLimit;
}

}  // namespace

void fill_standard_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    // An error other than EBADF says nothing about whether it is open.
    if (::fcntl(fd, F_GETFD) >= 0 || errno != EBADF) continue;
    // The lowest free number is this one.
    (void)::open("/dev/null", fd == STDIN_FILENO ? O_RDONLY : O_WRONLY);
  }
}

void raise_descriptor_limit() {
  rlimit limit = limit_at_start();
  // Any process may raise its soft limit to the hard one (getrlimit(2)).
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void restore_descriptor_limit() { ::setrlimit(RLIMIT_NOFILE, &limit_at_start()); }

}  // namespace trun
