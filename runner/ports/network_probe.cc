#include "runner/ports/network_probe.h"

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace trun {
namespace {

/// 0, or what the kernel said. Without the capability, a user namespace may supply it.
int enter_own_network() {
  if (::unshare(CLONE_NEWNET) == 0) return 0;
  if (errno != EPERM) return errno;
  return ::unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 ? 0 : errno;
}

}  // namespace

Status probe_own_network() {
  // In a child: unshare(2) cannot be taken back.
  const pid_t child = ::fork();
  // The exit code carries errno, which is below 256 on Linux. _exit(): nothing of trun's is flushed twice.
  if (child == 0) ::_exit(enter_own_network());
  int status = 0;
  pid_t waited = -1;
  if (child > 0) {
    do {
      // It blocks, but the child makes one or two system calls.
      waited = ::waitpid(child, &status, 0);
    } while (waited < 0 && errno == EINTR);
  }
  if (waited < 0) return internal_error("cannot try a network namespace: " + std::string(std::strerror(errno)));
  const int error = WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
  if (error == 0) return ok_status();
  return usage_error("network = \"namespace\": the kernel gives this user no network namespace (" +
                     std::string(std::strerror(error)) +
                     "); run as root or with CAP_SYS_ADMIN, or let users have namespaces (sysctl "
                     "user.max_user_namespaces, user.max_net_namespaces and, where they exist, "
                     "kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns), or use "
                     "--network host");
}

}  // namespace trun
