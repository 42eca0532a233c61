#include "scheduler/estimates.h"

#include <algorithm>

#include "runner/base/invariant.h"

namespace trun {
namespace {

constexpr double kGuess = 1e6;     // nanoseconds a test where nothing is known
constexpr double kShortest = 1e3;  // a test that takes no time still costs its way there and back
constexpr double kLongest = 1e18;  // fits into nanoseconds, whatever earlier runs are said to have taken
constexpr double kPriorTests = 2;  // the prior counts like so many measured tests

}  // namespace

Estimates::Estimates(const Collection& collection, const std::vector<Duration>& files,
                     const std::vector<Duration>& tests)
    : collection_(collection), files_(collection.files.size()) {
  double total = 0, count = 0;
  for (std::size_t i = 0; i < files_.size(); ++i) {
    File& file = files_[i];
    file.unsettled = collection.files[i].items.size();
    // An earlier time of 0 tells nothing of how the file compares with others.
    file.guessed = i >= files.size() || files[i].count() <= 0 || file.unsettled == 0;
    if (file.guessed) continue;
    given_ = true;
    total += static_cast<double>(files[i].count());
    count += static_cast<double>(file.unsettled);
  }
  const double mean = given_ ? total / count : kGuess;
  std::vector<double> apart(files_.size());
  for (ItemIndex item = 0; item < std::min(tests.size(), collection.items.size()); ++item) {
    File& file = files_[collection.items[item].file];
    if (file.guessed || tests[item].count() <= 0) continue;
    apart_.resize(collection.items.size());
    apart_[item] = std::max(kShortest, static_cast<double>(tests[item].count()));
    apart[collection.items[item].file] += apart_[item];
    remaining_ += apart_[item];
    ++file.apart;
    --file.unsettled;
  }
  for (std::size_t i = 0; i < files_.size(); ++i) {
    File& file = files_[i];
    const double others = static_cast<double>(std::max<std::size_t>(1, file.unsettled));
    const double each = file.guessed ? mean : (static_cast<double>(files[i].count()) - apart[i]) / others;
    file.prior = std::max(kShortest, each);
    file.weight = file.prior;
    put_in(file);
  }
}

// Two corrections. factor() is the whole run's: measured time by what the priors said of the same tests. A file's
// weight is its own mean, with the factor taken out: if all tests take twice their prior, factor() is 2 and every
// weight stays as it was, so files that have not begun are expected to take twice as long. The prior counts as
// kPriorTests tests, or the first test of a file would decide for all of them.
void Estimates::finished(ItemIndex item, Duration took) {
  const double nanoseconds = std::max(kShortest, static_cast<double>(took.count()));
  if (is_apart(item)) {
    // It says how this run compares with earlier ones, and nothing of the others of its file.
    remaining_ -= apart_[item];
    actual_ += nanoseconds;
    expected_ += apart_[item];
    return;
  }
  File& file = files_[collection_.items[item].file];
  invariant(file.unsettled > 0, "a test of a file whose tests all have their verdict finished");
  // remaining_ is a sum over weights: out with the old weight, in with the new one.
  take_out(file);
  actual_ += nanoseconds;
  expected_ += file.prior;
  file.actual += nanoseconds;
  ++file.finished;
  --file.unsettled;
  const double tests = static_cast<double>(file.finished) + kPriorTests;
  // After actual_ and expected_ have this test: factor() must know it.
  file.weight = (file.actual / factor() + kPriorTests * file.prior) / tests;
  put_in(file);
}

void Estimates::settled(ItemIndex item) {
  if (is_apart(item)) {
    remaining_ -= apart_[item];
    return;
  }
  File& file = files_[collection_.items[item].file];
  invariant(file.unsettled > 0, "a test of a file whose tests all have their verdict was settled");
  take_out(file);
  --file.unsettled;
  put_in(file);
}

Duration Estimates::remaining() const {
  return Duration(static_cast<Duration::rep>(std::clamp(remaining_ * factor(), 0.0, kLongest)));
}

}  // namespace trun
