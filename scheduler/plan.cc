#include "scheduler/plan.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "runner/base/invariant.h"

namespace trun {
namespace {

// A file without tests still has to be opened: so files without estimate are spread too.
double cost_of(Duration estimate) { return std::max(1.0, static_cast<double>(estimate.count())); }

template <typename Length>
std::vector<std::size_t> longest_first(const std::vector<Length>& lengths) {
  std::vector<std::size_t> order(lengths.size());
  std::iota(order.begin(), order.end(), 0U);
  // Stable: of equals the first comes first, so the same files give the same plan in every run.
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return lengths[a] > lengths[b]; });
  return order;
}

}  // namespace

// Longest first, each to the least loaded ("longest processing time"): with no loads to begin with, the last to end
// takes at most 4/3 of what it takes in the best division (Graham, 1969). Short pieces come last and even out what the
// long ones have left.
std::vector<Slot> least_loaded(const std::vector<double>& costs, std::vector<double> loads) {
  invariant(!loads.empty(), "nobody to do it");
  std::vector<Slot> owners(costs.size());
  for (const std::size_t piece : longest_first(costs)) {
    const auto least = std::min_element(loads.begin(), loads.end());
    *least += costs[piece];
    owners[piece] = static_cast<Slot>(least - loads.begin());
  }
  return owners;
}

std::vector<Slot> shard_owners(const std::vector<Duration>& estimates, unsigned workers,
                               const std::vector<std::uint32_t>& directories) {
  invariant(workers > 0, "no worker to collect");
  invariant(directories.empty() || directories.size() == estimates.size(), "directories of other files");
  std::vector<Slot> owners(estimates.size());
  std::vector<double> loads(workers);
  const double share = std::accumulate(estimates.begin(), estimates.end(), 0.0,
                                       [](double sum, Duration d) { return sum + cost_of(d); }) /
                       workers;
  std::unordered_map<std::uint32_t, Slot> last;  // by directory: where its previous file went
  // Keeping all files together would keep nothing apart: they are divided as if there were no directories.
  const bool one_directory =
      std::equal(directories.begin() + !directories.empty(), directories.end(), directories.begin());
  for (const std::size_t file : longest_first(estimates)) {
    const double cost = cost_of(estimates[file]);
    Slot slot = static_cast<Slot>(std::min_element(loads.begin(), loads.end()) - loads.begin());
    if (!one_directory) {
      const auto [at, is_new] = last.try_emplace(directories[file], slot);
      // The share is the limit: keeping a directory together must cost no balance.
      if (!is_new && loads[at->second] + cost <= share) slot = at->second;
      at->second = slot;
    }
    loads[slot] += cost;
    owners[file] = slot;
  }
  return owners;
}

}  // namespace trun
