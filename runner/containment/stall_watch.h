// StallWatch: whether the engine's loop still turns, and what follows if it does not. Pure: it is told what was seen
// and when, and decides; the guardian acts. Time in which the guardian itself did not run (a stopped job, a machine
// asleep or overloaded) does not count against the engine.
#pragma once

#include <cstdint>

#include "runner/base/clock.h"

namespace trun {

class StallWatch {
 public:
  enum class Step {
    none,
    warn,   ///< say that it has not moved for a while
    wake,   ///< its time is up: call it out of whatever it waits for; again and again, it may miss one
    kill,   ///< it did not answer
    moved,  ///< it goes on, after a warning
  };

  /// `limit`: how long the engine may stand still; zero: as long as it likes.
  explicit StallWatch(Duration limit) : limit_(limit) {}

  /// REQUIRES: called a few times a second.
  Step look(std::uint64_t beats, TimePoint now);
  /// How long it has stood still, or did until it moved.
  Duration stood() const { return stood_; }

 private:
  Duration limit_;
  std::uint64_t beats_ = 0;
  TimePoint last_{};
  Duration stalled_{0}, stood_{0};
  bool warned_ = false;
};

}  // namespace trun
