#include "reporters/terminal_writer.h"

namespace trun {

void TerminalWriter::write(std::string_view text, Markup markup) {
  if (text.empty()) return;
  if (color_) {
    buffer_ += marked(text, markup);
  } else {
    buffer_ += text;
  }
  // The width is that of the text without codes, which take no column.
  advance(text);
}

void TerminalWriter::line(std::string_view text, Markup markup) {
  write(text, markup);
  write("\n");
}

void TerminalWriter::sep(char sep, std::string_view title, Markup markup, int width) {
  line(sep_line(sep, title, width ? width : columns_), markup);
}

void TerminalWriter::advance(std::string_view text) {
  const std::size_t newline = text.rfind('\n');
  if (newline != std::string_view::npos) {
    width_ = 0;
    text.remove_prefix(newline + 1);
  }
  const int more = display_width(text);
  // A control character may move the cursor anywhere. The column is unknown (-1) until the next line begins.
  width_ = more < 0 || width_ < 0 ? -1 : width_ + more;
}

}  // namespace trun
