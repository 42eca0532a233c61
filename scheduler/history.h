// History: how long the tests of each file took in earlier runs, smoothed, and tests that are slower than the others of
// their file. A value: reading and writing it is the caller's business (it travels as a map of seconds by file path or
// node id).
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "runner/base/clock.h"

namespace trun {

class History {
 public:
  History() = default;
  /// Seconds by file path or node id. What is no duration (negative, not finite) is left out.
  explicit History(const std::map<std::string, double>& seconds);

  /// A whole run of the file, or a test, took so long: old and new count half each. Negative durations are ignored.
  void record(const std::string& name, Duration took);
  /// The file is gone.
  void forget(const std::string& file) { seconds_.erase(file); }

  /// Estimated duration of each of `files`. Unknown ones: their number of tests times the mean duration of a test in
  /// the known ones of `files`, or 1 ms where none is known. REQUIRES: `test_counts` is as long as `files`.
  std::vector<Duration> estimates(const std::vector<std::string>& files,
                                  const std::vector<std::size_t>& test_counts) const;

  /// How long earlier runs of a file or a test took; 0: none tells.
  Duration recorded(const std::string& name) const;
  /// Whether there is a test among what earlier runs tell of.
  bool knows_tests() const;

  const std::map<std::string, double>& seconds() const { return seconds_; }

 private:
  double mean_per_test(const std::vector<std::string>& files, const std::vector<std::size_t>& test_counts) const;

  std::map<std::string, double> seconds_;
};

}  // namespace trun
