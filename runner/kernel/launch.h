// launch: starts the programs that trun itself runs (the fork server, services, their checks) through Boost.Process,
// each in a process group of its own. Starts, and nothing more: the process is waited for by its pid, signals go to its
// group from elsewhere.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runner/base/result.h"

namespace trun {

/// A socket that listens, for a server that takes it over (sd_listen_fds(3)).
struct HandedOver {
  int fd = -1;  ///< a high one (posix::dup_high)
  std::string name;
};

struct LaunchOptions {
  std::vector<std::string> argv;  ///< argv[0]: a path
  int stdout_fd = -1, stderr_fd = -1;
  std::vector<int> inherited;  ///< further descriptors, which keep their numbers
  /// Are its descriptors 3, 4...; LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES say so. REQUIRES: `environment`.
  std::vector<HandedOver> handed_over{};
  std::optional<std::vector<std::string>> environment;  ///< "NAME=value"; none: trun's own
  std::string cwd;                                      ///< empty: trun's own
  bool own_session = false;                             ///< else a group of its own only
  bool dies_with_trun = false;                          ///< SIGKILL when this process ends
  std::string user;                                     ///< whom it runs as; empty: as trun does
  unsigned cpus = 0;                                    ///< so many processors it may use; 0: all that trun may
};

/// stdin at /dev/null, an empty signal mask, default dispositions of what trun ignores. Returns the pid. Error (usage):
/// it cannot be started, and why.
Result<int> launch(const LaunchOptions& options);

/// The file that a shell would run for `name`: itself if there is a slash in it, made absolute from `cwd`, else the
/// first of that name on `path`. Error (usage): there is none.
Result<std::string> find_program(const std::string& name, const std::string& path, const std::string& cwd);

}  // namespace trun
