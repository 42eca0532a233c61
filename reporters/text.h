// Text for terminals: how wide it is, how it is coloured, cut and wrapped, and how durations read. pytest's rules
// (_pytest/_io, _pytest/terminal.py), so that the same words come out of the same reports. Pure functions; writing is
// terminal_writer.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace trun {

enum class Color { none, red, green, yellow, cyan };

/// pytest's markup keywords. The colour's code comes before the one for bold, as pytest writes them.
struct Markup {
  Color color = Color::none;
  bool bold = false;
};

/// `text` between the codes of `markup`; as it is if there are none.
std::string marked(std::string_view text, Markup markup);

/// Columns that `text` takes on a terminal; -1 if it holds control characters (pytest's wcswidth).
int display_width(std::string_view text);

/// "==== title ====" of at most `width` characters, pytest's `sep`. Without a title the character alone.
std::string sep_line(char sep, std::string_view title, int width);

/// `prefix` + the first line of `message` + `suffix`, the message cut with "..." to fit `available` columns; nothing if
/// even the dots do not fit (pytest's _format_trimmed).
std::optional<std::string> trimmed(std::string_view prefix, std::string_view message, std::string_view suffix,
                                   int available);

/// `text` cut with "..." to at most `columns` columns. Control characters count as none.
std::string ellipsis(std::string_view text, int columns);

/// `text` broken at blanks (at any character where a word is longer) so that no line is wider than `width`; the first
/// line begins at column `start`.
std::string wrapped(std::string_view text, int start, int width);

/// `text` without ANSI escape sequences.
std::string without_ansi(std::string_view text);

/// printf's "%.*f", without the locale.
std::string fixed(double value, int digits);

/// Appends `value` / 10^`digits`: "1.500" for 1500 and 3. For what is written by the million: 10,000 lines of the event
/// log took 22 to 36 ms with printf, and 3.4 to 6 ms without.
void append_decimal(std::string& out, unsigned long long value, int digits);

/// "1.23s", from a minute on "61.00s (0:01:01)" (pytest's format_session_duration).
std::string session_duration(double seconds);
/// " 1.234ms" (pytest's format_node_duration), leading blank included.
std::string node_duration(double seconds);

}  // namespace trun
