#include "reporters/text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iterator>

#include "reporters/utf8.h"
#include "reporters/width_table.h"

namespace trun {
namespace {

template <std::size_t N>
bool is_within(const CodeRange (&table)[N], char32_t code) {
  // The ranges are sorted and do not overlap: only the last one that begins at or before the code can hold it.
  const auto after = std::upper_bound(std::begin(table), std::end(table), code,
                                      [](char32_t c, const CodeRange& range) { return c < range.first; });
  return after != std::begin(table) && code <= std::prev(after)->last;
}

/// -1 for control characters. An invalid byte is shown as one replacement character.
int code_width(char32_t code) {
  // ASCII first, since most text is ASCII.
  if (code >= 0x20 && code < 0x7F) return 1;
  if (code == 0) return 0;
  // C0, DEL and C1. pytest (wcwidth) gives 0 columns to NUL and -1 to the others.
  if (code < 0xA0) return -1;
  if (code == kInvalidCode) return 1;
  if (is_within(kZeroWidth, code)) return 0;
  return is_within(kDoubleWidth, code) ? 2 : 1;
}

std::string_view color_code(Color color) {
  switch (color) {
    case Color::none:
      return "";
    case Color::red:
      return "\x1b[31m";
    case Color::green:
      return "\x1b[32m";
    case Color::yellow:
      return "\x1b[33m";
    case Color::cyan:
      return "\x1b[36m";
  }
  return "";
}

/// The longest prefix of at most `columns` columns; control characters take none.
std::string_view prefix_of_width(std::string_view text, int columns) {
  std::size_t at = 0;
  for (int used = 0; at < text.size();) {
    std::size_t next = at;
    used += std::max(code_width(decode_utf8(text, next)), 0);
    if (used > columns) break;
    at = next;
  }
  return text.substr(0, at);
}

}  // namespace

std::string marked(std::string_view text, Markup markup) {
  if (markup.color == Color::none && !markup.bold) return std::string(text);
  std::string out(color_code(markup.color));
  if (markup.bold) out += "\x1b[1m";
  out += text;
  return out += "\x1b[0m";
}

int display_width(std::string_view text) {
  int width = 0;
  for (std::size_t at = 0; at < text.size();) {
    const int columns = code_width(decode_utf8(text, at));
    // No sum makes sense once the cursor may be anywhere.
    if (columns < 0) return -1;
    width += columns;
  }
  return width;
}

std::string sep_line(char sep, std::string_view title, int width) {
  if (title.empty()) return std::string(static_cast<std::size_t>(std::max(width, 0)), sep);
  // pytest takes len() of the title, not its width: wide characters make the line too long there, too.
  const int length = static_cast<int>(code_points(title));
  const int fill = std::max((width - length - 2) / 2, 1);
  std::string line(static_cast<std::size_t>(fill), sep);
  line.append(" ").append(title).append(" ").append(static_cast<std::size_t>(fill), sep);
  // One more character where the room is odd.
  if (length + 2 * fill + 3 <= width) line += sep;
  return line;
}

std::optional<std::string> trimmed(std::string_view prefix, std::string_view message, std::string_view suffix,
                                   int available) {
  message = message.substr(0, message.find('\n'));
  const int room = available - display_width(prefix) - display_width(suffix);
  // Not even the dots fit.
  if (room < 3) return std::nullopt;
  std::string out(prefix);
  // A message with control characters has the width -1 and is not cut: so does pytest.
  out += display_width(message) > room ? std::string(prefix_of_width(message, room - 3)) + "..." : std::string(message);
  return out.append(suffix);
}

std::string ellipsis(std::string_view text, int columns) {
  if (prefix_of_width(text, columns).size() == text.size()) return std::string(text);
  return std::string(prefix_of_width(text, std::max(columns - 3, 0))) + std::string("...", std::min(columns, 3));
}

// textwrap.wrap() of a text that begins in the column `start`. Blanks at a break are dropped; blanks inside of a line
// stay.
std::string wrapped(std::string_view text, int start, int width) {
  std::string out;
  int column = start;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t word = std::min(text.find_first_not_of(' ', at), text.size());
    const std::size_t end = std::min(text.find(' ', word), text.size());
    std::string_view chunk = text.substr(word, end - word);
    const int blanks = static_cast<int>(word - at);
    const int columns = std::max(display_width(chunk), 0);
    if (column + blanks + columns <= width) {
      out.append(text.substr(at, end - at));
      column += blanks + columns;
    } else {
      out += '\n';
      // A word that is wider than a line is broken between any two characters. Two columns are the least, or a wide
      // character would never fit.
      for (column = columns; column > width;) {
        const std::string_view head = prefix_of_width(chunk, std::max(width, 2));
        out.append(head) += '\n';
        chunk.remove_prefix(head.size());
        column = display_width(chunk);
      }
      out.append(chunk);
    }
    at = end;
  }
  return out;
}

std::string without_ansi(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '\x1b' || at + 1 >= text.size() || text[at + 1] != '[') {
      out += text[at++];
      continue;
    }
    std::size_t end = at + 2;
    // A control sequence (ECMA-48): parameter and intermediate bytes 0x20 to 0x3F, then one final byte 0x40 to 0x7E.
    while (end < text.size() && text[end] >= 0x20 && text[end] < 0x40) ++end;
    // A sequence that is not finished is no sequence: its escape stays, visible.
    if (end >= text.size() || text[end] < 0x40 || text[end] > 0x7E) {
      out += text[at++];
    } else {
      at = end + 1;
    }
  }
  return out;
}

void append_decimal(std::string& out, unsigned long long value, int digits) {
  char text[32];
  char* at = std::end(text);
  for (; digits > 0; --digits, value /= 10) *--at = static_cast<char>('0' + value % 10);
  *--at = '.';
  do {
    *--at = static_cast<char>('0' + value % 10);
  } while (value /= 10);
  out.append(at, std::end(text));
}

std::string fixed(double value, int digits) {
  char buffer[352];  // the longest double has 309 digits before the point
  const int length = std::snprintf(buffer, sizeof buffer, "%.*f", digits, value);
  std::string out(buffer, static_cast<std::size_t>(length));
  // printf takes the decimal point from the locale.
  std::replace(out.begin(), out.end(), ',', '.');
  return out;
}

std::string session_duration(double seconds) {
  std::string out = fixed(seconds, 2) + "s";
  if (seconds < 60) return out;
  const auto whole = static_cast<long long>(seconds);
  const long long days = whole / 86400;
  char clock[32];
  std::snprintf(clock, sizeof clock, "%lld:%02lld:%02lld", whole / 3600 % 24, whole / 60 % 60, whole % 60);
  out += " (";
  if (days) out += std::to_string(days) + (days == 1 ? " day, " : " days, ");
  return out.append(clock) += ")";
}

std::string node_duration(double seconds) {
  struct Scale {
    double factor;
    const char* unit;
    int digits;
    double limit;
  };
  // The first row whose rounded value stays below its limit counts. 9.9996 us rounds to "10.000" and goes to the next
  // row, so the comparison is of the text.
  constexpr Scale kScales[] = {{1e6, "us", 3, 10},  {1e6, "us", 2, 100},  {1e6, "us", 1, 1000}, {1e3, "ms", 3, 10},
                               {1e3, "ms", 2, 100}, {1e3, "ms", 1, 1000}, {1, "s", 3, 60}};
  for (const Scale& scale : kScales) {
    const std::string text = fixed(seconds * scale.factor, scale.digits);
    if (std::strtod(text.c_str(), nullptr) < scale.limit) return " " + text + scale.unit;
  }
  const auto whole = std::llround(seconds);
  if (whole < 3600) return " " + std::to_string(whole / 60) + "m " + std::to_string(whole % 60) + "s";
  return " " + std::to_string(whole / 3600) + "h " + std::to_string(whole % 3600 / 60) + "m";
}

}  // namespace trun
