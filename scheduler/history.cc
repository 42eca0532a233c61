#include "scheduler/history.h"

#include <algorithm>
#include <cmath>

#include "runner/base/invariant.h"
#include "runner/base/test_item.h"

namespace trun {
namespace {

// One slow run moves the estimate halfway, and each run after it halves what is left of that.
constexpr double kNewShare = 0.5;
constexpr double kGuessPerTest = 1e-3;
constexpr double kLongest = 1e9;  // seconds; more does not fit into nanoseconds, and is no duration of a test file

bool is_duration(double seconds) { return std::isfinite(seconds) && seconds >= 0 && seconds <= kLongest; }

Duration to_duration(double seconds) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(std::min(seconds, kLongest)));
}

}  // namespace

History::History(const std::map<std::string, double>& given) {
  for (const auto& [file, took] : given) {
    if (is_duration(took)) seconds_.emplace(file, took);
  }
}

void History::record(const std::string& name, Duration took) {
  const double now = trun::seconds(took);
  if (!is_duration(now)) return;
  const auto [at, is_new] = seconds_.try_emplace(name, now);
  if (!is_new) at->second += kNewShare * (now - at->second);
}

std::vector<Duration> History::estimates(const std::vector<std::string>& files,
                                         const std::vector<std::size_t>& test_counts) const {
  invariant(files.size() == test_counts.size(), "a number of tests for each file");
  const double mean = mean_per_test(files, test_counts);
  std::vector<Duration> result;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto known = seconds_.find(files[i]);
    result.push_back(to_duration(known != seconds_.end() ? known->second : mean * static_cast<double>(test_counts[i])));
  }
  return result;
}

bool History::knows_tests() const {
  return std::any_of(seconds_.begin(), seconds_.end(),
                     [](const auto& known) { return node_path(known.first).size() < known.first.size(); });
}

Duration History::recorded(const std::string& name) const {
  const auto found = seconds_.find(name);
  return found != seconds_.end() ? to_duration(found->second) : Duration{0};
}

double History::mean_per_test(const std::vector<std::string>& files,
                              const std::vector<std::size_t>& test_counts) const {
  double total = 0, tests = 0;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto known = seconds_.find(files[i]);
    // Without tests in its text a file says nothing of how long a test takes.
    if (known == seconds_.end() || test_counts[i] == 0) continue;
    total += known->second;
    tests += static_cast<double>(test_counts[i]);
  }
  // A mean of 0 would make unknown files weigh nothing.
  return tests > 0 && total > 0 ? total / tests : kGuessPerTest;
}

}  // namespace trun
