#include "reporters/live_line.h"

#include <algorithm>
#include <cmath>

#include "reporters/text.h"

namespace trun {
namespace {

/// "4.2s", "1m 05s", "2h 03m": short, for something that changes all the time.
std::string short_duration(double value) {
  value = std::max(value, 0.0);
  if (value < 60) return fixed(value, 1) + "s";
  const auto whole = static_cast<long long>(value);
  const bool hours = whole >= 3600;
  const std::string small = std::to_string(hours ? whole / 60 % 60 : whole % 60);
  return std::to_string(hours ? whole / 3600 : whole / 60) + (hours ? "h " : "m ") + (small.size() < 2 ? "0" : "") +
         small + (hours ? "m" : "s");
}

const event::Progress::Running* longest(const event::Progress& progress) {
  // The test that began first has been running longest: it is the one that may hang.
  const auto first = std::min_element(progress.running.begin(), progress.running.end(),
                                      [](const auto& a, const auto& b) { return a.since < b.since; });
  return first == progress.running.end() ? nullptr : &*first;
}

/// A node id may hold anything; a live line is one line.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) out += c;
  }
  return out;
}

std::string running_text(const event::Progress& progress, const Collection& collection) {
  const auto* running = longest(progress);
  if (!running || running->item >= collection.items.size()) return {};
  std::string text = ", " + printable(collection.items[running->item].id);
  // The call is the rule; another phase is worth a word.
  if (running->phase != Phase::call) text.append(" (").append(phase_name(running->phase)).append(")");
  return text;
}

}  // namespace

std::string live_text(const event::Progress& progress, const Collection& collection, std::size_t done,
                      std::size_t failures, TimePoint begun, int columns) {
  std::string head = std::to_string(done) + "/" + std::to_string(collection.items.size());
  if (failures) head += ", " + std::to_string(failures) + " failed";
  // From when the first test could run, not from the start of the run: imports and collection would lower the rate.
  const double elapsed = seconds(progress.at - begun);
  const double rate = elapsed > 0 ? static_cast<double>(done) / elapsed : 0;
  if (rate > 0) head += ", " + fixed(rate, rate < 10 ? 1 : 0) + "/s";
  std::string tail;
  if (const auto* running = longest(progress)) tail = " " + short_duration(seconds(progress.at - running->since));
  if (progress.left) tail += ", " + short_duration(seconds(*progress.left)) + " left";
  // Only the name of the test is cut. The counts before it and the times behind it stay whole.
  const int room = columns - display_width(head) - display_width(tail);
  return ellipsis(head + ellipsis(running_text(progress, collection), std::max(room, 0)) + tail, columns);
}

// Taken out, so that a line is erased once.
std::string LiveLine::erase() { return std::exchange(eraser_, {}); }

std::string LiveLine::draw(int column, int columns) {
  if (text_.empty() || column < 0) return {};
  // The line is drawn one column short: in the last one some terminals wrap at once, others later.
  const std::string text = ellipsis(text_, columns - 1);
  eraser_ = "\r\x1b[2K";
  if (column == 0) return text;
  // Text goes on above the line, so erasing must lead back to where it ended: one row up, and to its column. Text that
  // is wider than the terminal ends in its last row. A full row keeps the cursor in its last column.
  const int last = column % columns == 0 ? columns : column % columns + 1;
  eraser_ += "\x1b[A\x1b[" + std::to_string(last) + "G";
  return "\n" + text;
}

}  // namespace trun
