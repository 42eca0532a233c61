#include "runner/engine/exit_facts.h"

namespace trun {

ExitFacts exit_facts(std::optional<int> stopped, const Gathered& gathered, std::size_t collected, const RunTally& tally,
                     const Crew& crew, std::optional<int> max_warnings) {
  ExitFacts facts;
  facts.stopped = stopped;
  facts.not_run = tally.not_run();
  facts.collection = gathered.exit;
  facts.failed = gathered.errors + tally.bad() + (crew.any_session_failed() ? 1 : 0);
  facts.sessions = crew.session_ends();
  facts.collected = collected;
  facts.warnings = tally.warnings();
  facts.max_warnings = max_warnings;
  return facts;
}

}  // namespace trun
