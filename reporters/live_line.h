// LiveLine: the one line on a terminal that says what runs now, below everything else. It gives the codes that draw and
// remove it; it is never wider than the terminal and leaves nothing behind. On a pipe or in a file it has no business.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "runner/base/run_event.h"

namespace trun {

/// What the live line says, as plain text of at most `columns` columns: done/total, failures, rate, the test that has
/// been running longest, time left. `begun` is when the first test could run.
std::string live_text(const event::Progress& progress, const Collection& collection, std::size_t done,
                      std::size_t failures, TimePoint begun, int columns);

class LiveLine {
 public:
  /// Sets the text for the next draw(). Empty: no line.
  void set(std::string text) { text_ = std::move(text); }

  /// Codes that remove the line, cursor where text goes on. Empty if it is not on the screen.
  std::string erase();

  /// Codes that write the line below text whose last line is `column` wide (-1: unknown, no line is drawn).
  std::string draw(int column, int columns);

 private:
  std::string text_;
  std::string eraser_;  ///< undoes what was drawn
};

}  // namespace trun
