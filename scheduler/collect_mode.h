// CollectMode: which of the three ways to collect a run takes, and why. Pure: the reasons come from the fork server
// and from the selection; here they are only weighed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runner/base/result.h"

namespace trun {

enum class CollectMode {
  each,     ///< every worker collects everything, as xdist's do
  once,     ///< the fork server collects, workers are forked after it
  sharded,  ///< each worker collects its share of the files
};

/// "each", "once", "sharded".
std::string_view collect_mode_name(CollectMode mode);

struct CollectModeInput {
  enum class Requested { automatic, each, once, sharded } requested = Requested::automatic;
  /// Each in the words the user is to read: "conftest.py: pytest_collection_modifyitems".
  std::vector<std::string> against_sharded, against_once;
  /// Why each worker must import everything itself: what imports made is bound to their process.
  std::vector<std::string> against_sharing;
  /// Why fresh processes are wanted in the middle of the run, in the user's words: forked from the collected state they
  /// cost milliseconds, otherwise each collects again.
  std::vector<std::string> for_once;
  /// Files that do at import what others may see, so that every worker imports them, and the first in the user's words.
  std::size_t seen_files = 0;
  std::string first_seen;
  unsigned workers = 1;
  std::size_t files = 0;
  double largest_file = 0;  ///< share of the estimated work that is in one file, 0..1
};

struct CollectDecision {
  CollectMode mode = CollectMode::each;
  std::vector<std::string> why;  ///< sentences for -v: what was chosen, what was not and the reasons
};

/// Error (usage): sharded was asked for and would not be the same; the message names the first reasons.
/// `once` that was asked for is taken in spite of reasons against it, which are then in `why`; where nothing may be
/// shared it is `each`.
Result<CollectDecision> choose_collect_mode(const CollectModeInput& input);

}  // namespace trun
