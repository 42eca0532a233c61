// OutputQueue: what is on its way to the terminal, or to the pipe in its place. A reader who is in no hurry (a pager, a
// terminal on hold) does not hold up the engine: what does not fit now is kept and written later.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "runner/base/clock.h"
#include "runner/base/result.h"

namespace trun {

class OutputQueue {
 public:
  /// The descriptor stays the caller's.
  explicit OutputQueue(int fd) : fd_(fd) {}

  /// Appends `text` and writes what can be written without waiting. Error: nothing can be written any more; the same
  /// from then on.
  Status write(std::string_view text);
  /// Writes what is left, as far as that is possible within `patience`.
  Status flush(Duration patience = Duration{0});

  bool empty() const { return pending_.size() == written_; }
  /// Bytes that wait for the reader.
  std::size_t backlog() const { return pending_.size() - written_; }
  /// `blocked` is called with the descriptor when its reader takes no more for now: flush() when that can be written
  /// to.
  void on_blocked(std::function<void(int fd)> blocked) { blocked_ = std::move(blocked); }
  /// Whether its reader has gone away.
  bool unread() const { return unread_; }

 private:
  Status fail();

  const int fd_;
  std::string pending_;
  std::size_t written_ = 0;  ///< bytes of it that have been written
  std::function<void(int)> blocked_;
  std::string failure_;  ///< empty: none
  bool unread_ = false;
};

}  // namespace trun
