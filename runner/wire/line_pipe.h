// LinePipe: the read end of a pipe that a process of the run writes its stdout or stderr to, cut into whole lines.
// Keeps the last of them: the last words of a process that died.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "runner/kernel/fd.h"

namespace trun {

class LinePipe {
 public:
  LinePipe() = default;
  /// REQUIRES: `fd` is non-blocking.
  explicit LinePipe(Fd fd) : fd_(std::move(fd)) {}

  const Fd& fd() const { return fd_; }

  /// Reads what is there and gives each whole line (without its newline) to `line`, one above 16 MB in pieces. False:
  /// no writer is left.
  bool read(const std::function<void(std::string_view)>& line);
  /// Gives out an unfinished last line.
  void finish(const std::function<void(std::string_view)>& line);

  /// The last 16 KB at most.
  const std::string& tail() const { return tail_; }

 private:
  void take(std::string_view bytes, const std::function<void(std::string_view)>& line);

  Fd fd_;
  std::string partial_, tail_;
};

}  // namespace trun
