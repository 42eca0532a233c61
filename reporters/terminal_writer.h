// TerminalWriter: pytest's object of that name. It knows the width of the line that is being written, and colours if it
// may. It writes into a buffer; who owns the terminal takes the text from there.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "reporters/text.h"

namespace trun {

class TerminalWriter {
 public:
  TerminalWriter(int columns, bool color) : columns_(columns), color_(color) {}

  void write(std::string_view text, Markup markup = {});
  void line(std::string_view text = {}, Markup markup = {});
  /// A separator line; `width` 0 means the whole width.
  void sep(char sep, std::string_view title, Markup markup = {}, int width = 0);
  /// Text that carries its own colours; the width of the current line is what follows its last newline.
  void raw(std::string_view text) {
    buffer_ += text;
    advance(text);
  }
  /// Ends the current line if something is on it.
  void fresh_line() {
    if (width_ != 0) line();
  }

  /// `text` in `markup`, or as it is where colours are off.
  std::string markup(std::string_view text, Markup markup) const {
    return color_ ? marked(text, markup) : std::string(text);
  }

  int columns() const { return columns_; }
  bool color() const { return color_; }
  void set_color(bool color) { color_ = color; }
  /// Columns written on the current line; -1 if control characters are among them.
  int width() const { return width_; }

  /// What was written since the last call.
  std::string take() { return std::exchange(buffer_, {}); }
  bool has_whole_lines() const { return buffer_.find('\n') != std::string::npos; }

 private:
  void advance(std::string_view text);

  const int columns_;
  bool color_;
  std::string buffer_;
  int width_ = 0;
};

}  // namespace trun
