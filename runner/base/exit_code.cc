#include "runner/base/exit_code.h"

namespace trun {

int exit_code(const ExitFacts& facts) {
  if (facts.stopped) return *facts.stopped;
  // As with xdist's "maximum crashed workers reached": a run that left tests out is never a success.
  if (facts.not_run > 0) return kInterrupted;
  if (facts.collection) return *facts.collection;
  // A hook that raises at the end of a session decides its exit code in pytest, whatever became of the tests.
  for (const SessionEnd& session : facts.sessions) {
    if (session.raised && session.code != kOk) return session.code;
  }
  if (facts.failed > 0) return kFailed;
  // 1 says that its tests failed and 5 that its share was empty: both are known of the whole run.
  for (const SessionEnd& session : facts.sessions) {
    if (session.code == kInternal || session.code == kUsage) return session.code;
  }
  if (facts.collected == 0) return kNothing;
  if (facts.max_warnings && facts.warnings > static_cast<std::size_t>(*facts.max_warnings)) return kMaxWarnings;
  return kOk;
}

}  // namespace trun
