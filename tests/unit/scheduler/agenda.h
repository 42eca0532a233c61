// Agenda: what is to happen in a simulated world, by simulated time; in the order of arrival where times are equal.
// Dice: the world's only source of chance.
#pragma once

#include <functional>
#include <queue>
#include <random>
#include <tuple>

#include "runner/base/clock.h"

namespace trun {

class Agenda {
 public:
  void at(Duration when, std::function<void()> act) { entries_.push({when, order_++, std::move(act)}); }
  bool empty() const { return entries_.empty(); }
  Duration now() const { return now_; }
  /// Goes to the next entry's time and does it. REQUIRES: not empty.
  void next() {
    const Entry entry = entries_.top();
    entries_.pop();
    now_ = entry.at;
    entry.act();
  }

 private:
  struct Entry {
    Duration at;
    std::size_t order;
    std::function<void()> act;
    bool operator<(const Entry& other) const { return std::tie(at, order) > std::tie(other.at, other.order); }
  };
  std::priority_queue<Entry> entries_;
  std::size_t order_ = 0;
  Duration now_{0};
};

class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}
  unsigned from(unsigned least, unsigned most) { return std::uniform_int_distribution<unsigned>(least, most)(random_); }
  bool one_in(unsigned n) { return from(1, n) == 1; }
  bool chance(double p) { return std::uniform_real_distribution<>(0, 1)(random_) < p; }
  /// 0 more often than not, else up to `most`.
  double sometimes(double most) { return one_in(3) ? std::uniform_real_distribution<>(0, most)(random_) : 0; }
  Duration up_to(Duration most) {
    return Duration(std::uniform_int_distribution<Duration::rep>(1, most.count())(random_));
  }

 private:
  std::mt19937 random_;
};

}  // namespace trun
