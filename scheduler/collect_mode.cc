#include "scheduler/collect_mode.h"

#include <algorithm>
#include <cstddef>

namespace trun {
namespace {

using Requested = CollectModeInput::Requested;
using Reasons = std::vector<std::string>;

constexpr std::size_t kNamed = 3;

std::string first_of(const Reasons& reasons) {
  std::string text;
  for (std::size_t i = 0; i < std::min(reasons.size(), kNamed); ++i) text += (i ? "; " : "") + reasons[i];
  if (reasons.size() > kNamed) text += "; and " + std::to_string(reasons.size() - kNamed) + " more";
  return text;
}

/// The largest file may be so many times a worker's fair share.
constexpr double kLargestShare = 1.3;

void add_against(std::string_view mode, const Reasons& reasons, Reasons& why) {
  for (const std::string& reason : reasons) why.push_back("not " + std::string(mode) + ": " + reason);
}

/// A share ends with a file: where files are few, or one is most of the work, workers would stand idle.
Reasons against_balance(const CollectModeInput& input) {
  if (input.files < input.workers) {
    return {std::to_string(input.files) + (input.files == 1 ? " file for " : " files for ") +
            std::to_string(input.workers) + " workers"};
  }
  if (input.largest_file * input.workers > kLargestShare) return {"one file holds most of the work"};
  // Every worker would import them: collecting them is little more.
  if (input.seen_files * 2 > input.files) {
    return {std::to_string(input.seen_files) + " of " + std::to_string(input.files) +
            " files do at import what other files may see: " + input.first_seen};
  }
  return {};
}

CollectDecision automatic(const CollectModeInput& input) {
  CollectDecision decision;
  // Before the number of workers: also one worker is replaced again and again where tests are isolated.
  if (!input.for_once.empty()) {
    for (const std::string& reason : input.for_once) {
      decision.why.push_back("once: fresh processes start with what was collected: " + reason);
    }
    add_against("once", input.against_once, decision.why);
    decision.mode = input.against_once.empty() ? CollectMode::once : CollectMode::each;
    return decision;
  }
  // Nothing to share: one worker is pytest's own session from configure to finish.
  if (input.workers <= 1) {
    decision.why.push_back("each: one worker");
    return decision;
  }
  const Reasons balance = against_balance(input);
  // All reasons are told, not only the first: who wants another way must know what stands against it.
  add_against("sharded", balance, decision.why);
  add_against("sharded", input.against_sharded, decision.why);
  if (input.against_sharded.empty() && balance.empty()) {
    decision.mode = CollectMode::sharded;
    decision.why.push_back("sharded: nothing sees more than one file of the collection");
    return decision;
  }
  add_against("once", input.against_once, decision.why);
  decision.mode = input.against_once.empty() ? CollectMode::once : CollectMode::each;
  return decision;
}

CollectDecision once_anyway(const CollectModeInput& input) {
  CollectDecision decision{CollectMode::once, {"once: asked for"}};
  for (const std::string& reason : input.against_once) decision.why.push_back("in spite of: " + reason);
  return decision;
}

}  // namespace

std::string_view collect_mode_name(CollectMode mode) {
  switch (mode) {
    case CollectMode::each:
      return "each";
    case CollectMode::once:
      return "once";
    case CollectMode::sharded:
      return "sharded";
  }
  return "unknown";
}

Result<CollectDecision> choose_collect_mode(const CollectModeInput& input) {
  // Balance does not count here: it makes sharded slow, not different. What makes it different is refused, since the
  // run would not be pytest's.
  if (input.requested == Requested::sharded) {
    if (!input.against_sharded.empty()) {
      return usage_error("--collect=sharded could differ from pytest here: " + first_of(input.against_sharded) +
                         " (--collect=auto takes another way)");
    }
    return CollectDecision{CollectMode::sharded, {"sharded: asked for"}};
  }
  if (input.requested == Requested::each) return CollectDecision{CollectMode::each, {"each: asked for"}};
  // What imports have bound to their process cannot be inherited by a fork. Sharded and each stay as they are: every
  // worker imports for itself there.
  if (input.against_sharing.empty()) return input.requested == Requested::once ? once_anyway(input) : automatic(input);
  if (input.requested == Requested::once) {
    CollectDecision decision{CollectMode::each, {"each: nothing may be shared"}};
    add_against("once", input.against_sharing, decision.why);
    return decision;
  }
  CollectModeInput unshared = input;
  unshared.against_once.insert(unshared.against_once.begin(), input.against_sharing.begin(),
                               input.against_sharing.end());
  return automatic(unshared);
}

}  // namespace trun
