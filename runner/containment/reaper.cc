#include "runner/containment/reaper.h"

namespace trun {
namespace {

/// Reaps `pid` if it has ended.
Status reap_into(pid_t pid, std::vector<Reaped>& reaped) {
  TRUN_TRY(status, posix::reap(pid));
  if (status) reaped.push_back({pid, *status});
  return ok_status();
}

}  // namespace

Result<std::vector<Reaped>> reap_strangers(const std::function<bool(pid_t)>& is_known) {
  // Never waitpid(-1): it would take the status of a known child. A look comes first, which leaves the status where it
  // is.
  std::vector<Reaped> reaped;
  while (true) {
    TRUN_TRY(ended, posix::peek_ended());
    if (!ended) return reaped;
    if (is_known(*ended)) break;
    TRUN_CHECK(reap_into(*ended, reaped));
  }
  // The kernel shows the same child until somebody takes it: behind a known one whose own wait is still to come,
  // strangers are found by asking for each.
  TRUN_TRY(children, posix::children_of_self());
  for (const pid_t child : children) {
    if (!is_known(child)) TRUN_CHECK(reap_into(child, reaped));
  }
  return reaped;
}

}  // namespace trun
