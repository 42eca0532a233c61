// Estimates: how long the tests of each file take, as far as known now. Starts from what history or the number of
// tests says and is corrected by every finished test: by the file's own mean, and for files that have not begun by how
// much the whole run differs from its estimates. Tests that earlier runs know as slow have an estimate of their own.
// Not the history itself (history.h); lives as long as the run.
#pragma once

#include <cstddef>
#include <vector>

#include "runner/base/clock.h"
#include "runner/base/test_item.h"

namespace trun {

class Estimates {
 public:
  /// `files`: what earlier runs say of each file of `collection`. Missing or not positive: guessed, by the mean of a
  /// test of the others, or as 1 ms a test where there are none. `tests`: the same of tests that are not like the
  /// others of their file, by item; missing or not positive: it is like them. `collection` must outlive it.
  Estimates(const Collection& collection, const std::vector<Duration>& files, const std::vector<Duration>& tests = {});

  /// A test finished after `took`. REQUIRES: it was not yet settled.
  void finished(ItemIndex item, Duration took);
  /// A test will not run (crashed, not run): no measurement.
  void settled(ItemIndex item);

  /// Estimated duration of a test, in nanoseconds, more than 0.
  double test(ItemIndex item) const { return weight(item) * factor(); }
  /// The same without the run's correction, so that sums over many files stay valid while it changes.
  double weight(ItemIndex item) const { return is_apart(item) ? apart_[item] : file_of(item).weight; }
  /// Whether all tests of `file` weigh the same.
  bool is_even(FileIndex file) const { return files_[file].apart == 0; }
  /// What a weight must be multiplied with to be nanoseconds.
  double factor() const { return expected_ > 0 ? actual_ / expected_ : 1; }

  /// Whether no earlier run says how long the tests of `file` take.
  bool guessed(FileIndex file) const { return files_[file].guessed; }
  /// Whether any test has been measured in this run.
  bool measured() const { return expected_ > 0; }
  /// Whether there is more to go by than the number of tests.
  bool known() const { return given_ || measured(); }
  /// Of all unsettled tests, one after the other.
  Duration remaining() const;

 private:
  struct File {
    double prior = 0;   // constant after construction, nanoseconds a test
    double weight = 0;  // the prior, then the mean, in units of the run's factor
    double actual = 0;  // sum over finished tests
    bool guessed = true;
    std::size_t finished = 0;
    std::size_t unsettled = 0;  // without those that have an estimate of their own
    std::size_t apart = 0;      // those
  };

  bool is_apart(ItemIndex item) const { return item < apart_.size() && apart_[item] > 0; }
  const File& file_of(ItemIndex item) const { return files_[collection_.items[item].file]; }
  void take_out(File& file) { remaining_ -= file.weight * static_cast<double>(file.unsettled); }
  void put_in(File& file) { remaining_ += file.weight * static_cast<double>(file.unsettled); }

  const Collection& collection_;
  std::vector<File> files_;
  std::vector<double> apart_;  // by item, nanoseconds; empty: there are none; 0: like the others of its file
  bool given_ = false;
  double actual_ = 0;     // nanoseconds, over all finished tests
  double expected_ = 0;   // what their priors said
  double remaining_ = 0;  // sum of weights of unsettled tests
};

}  // namespace trun
