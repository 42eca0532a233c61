// Flag: something is so for as long as the scope lasts, whichever way that is left.
#pragma once

#include <utility>

namespace trun {

class Flag {
 public:
  /// `flag` must outlive it.
  explicit Flag(bool& flag) : flag_(flag), before_(std::exchange(flag, true)) {}
  ~Flag() { flag_ = before_; }
  Flag(const Flag&) = delete;
  Flag& operator=(const Flag&) = delete;

 private:
  bool& flag_;
  const bool before_;
};

}  // namespace trun
