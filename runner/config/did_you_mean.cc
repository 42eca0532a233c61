#include "runner/config/did_you_mean.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace trun {
namespace {

// Levenshtein's distance with one row of the table: `diagonal` is the value above and to the left, which the loop has
// just overwritten.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::optional<std::string_view> nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  std::optional<std::string_view> best;
  // A third of the letters may be wrong; more is a guess that misleads.
  std::size_t limit = std::max<std::size_t>(word.size() / 3, 1);
  for (const std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    // Of two candidates at the same distance the first stays.
    if (distance > limit || (best && distance == limit)) continue;
    best = candidate;
    limit = distance;
  }
  return best;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates) {
  const auto guess = nearest(word, candidates);
  return guess ? "; did you mean '" + std::string(*guess) + "'?" : "";
}

}  // namespace trun
