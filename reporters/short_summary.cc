#include <algorithm>
#include <map>

#include "reporters/ending.h"
#include "reporters/node_name.h"
#include "reporters/summary.h"
#include "reporters/text.h"

namespace trun {
namespace {

using Lines = std::vector<std::string>;

class ShortSummary {
 public:
  explicit ShortSummary(const Summary& summary)
      : s_(summary), viewpoint_{summary.options.rootdir, summary.options.invocation_dir} {}

  Lines lines() {
    // In the order of the characters of -r, as pytest.
    for (const char c : s_.chars) {
      if (c == 'x') add_xfailed("xfailed");
      if (c == 'X') add_xfailed("xpassed");
      if (c == 'f') add_simple("failed", Color::red);
      if (c == 'E') add_simple("error", Color::red);
      if (c == 'p') add_simple("passed", Color::green);
      if (c == 's') s_.options.fold_skipped ? add_folded_skips() : add_skips();
    }
    return std::move(lines_);
  }

 private:
  std::string node(std::string_view id) const {
    const NodeName name = parse_node_id(id);
    const std::string path = viewpoint_.path(name.path);
    // pytest's _get_node_id_with_markup: the names are bold, the path is not.
    return name.rest.empty() ? path : path + "::" + s_.writer.markup(name.rest, {Color::none, true});
  }

  std::string head(const StatEntry& entry, std::string_view word, Color color) const {
    return s_.writer.markup(word, {color}) + " " + node(entry.node_id);
  }

  void add_simple(std::string_view category, Color color) {
    for (const StatEntry& entry : s_.stats.get(category)) {
      // An ending has its own word while it happens; here it is one of the failures.
      const bool own = entry.result && is_ending(entry.result->outcome) && category == "failed" &&
                       entry.report->word == ending_word(entry.result->outcome);
      const std::string word = !entry.report ? "PASSED" : own ? "FAILED" : word_of(*entry.report);
      std::string line = head(entry, word, color);
      if (entry.report) line += message(*entry.report, display_width(line));
      lines_.push_back(std::move(line));
    }
  }

  /// pytest's _get_line_with_reprcrash_message: the width is that of the line with its codes, of which a control
  /// character makes -1.
  std::string message(const PhaseReport& report, int used) const {
    const auto text = failure_message(report);
    if (!text) return {};
    // A log of CI is not bound to a width, so messages are whole there, unless --force-short-summary says otherwise.
    const bool whole = (s_.options.ci || s_.options.verbosity >= 2) && !s_.options.force_short_summary;
    if (whole) return " - " + std::string(*text);
    return trimmed(" - ", *text, "", s_.writer.columns() - used).value_or("");
  }

  void add_xfailed(std::string_view category) {
    for (const StatEntry& entry : s_.stats.get(category)) {
      const PhaseReport& report = *entry.report;
      std::string line = head(entry, word_of(report), Color::yellow);
      // The xfail was raised in a fixture.
      if (category == "xfailed" && report.when != "call") {
        line = s_.writer.markup(word_of(report), {Color::yellow}) + " at " + report.when + " of " + node(entry.node_id);
      }
      if (report.wasxfail && !report.wasxfail->empty()) line += " - " + *report.wasxfail;
      lines_.push_back(std::move(line));
    }
  }

  void add_skips() {
    for (const StatEntry& entry : s_.stats.get("skipped")) {
      std::string line = head(entry, word_of(*entry.report), Color::yellow);
      if (!entry.report->skip_reason.empty()) line += " - " + entry.report->skip_reason;
      lines_.push_back(std::move(line));
    }
  }

  // Skips of one place and reason are one line with their number: "SKIPPED [3] test_a.py:7: no database".
  void add_folded_skips() {
    const auto& entries = s_.stats.get("skipped");
    std::map<std::string, std::size_t> index;
    std::vector<std::pair<std::string, std::size_t>> places;  // in the order of first sight
    for (const StatEntry& entry : entries) {
      std::string place = skip_place(*entry.report);
      const auto [at, is_new] = index.emplace(place, places.size());
      if (is_new) places.emplace_back(std::move(place), 0);
      ++places[at->second].second;
    }
    for (const auto& [place, count] : places) {
      lines_.push_back(s_.writer.markup(word_of(*entries.front().report), {Color::yellow}) + " [" +
                       std::to_string(count) + "] " + place);
    }
  }

  // "path:line: reason"; without the line for marks of classes, modules and hooks, as pytest's `_folded_skips` has it:
  // the line of such a skip is that of each test, so the skips would not fold.
  std::string skip_place(const PhaseReport& report) const {
    std::string place = viewpoint_.file(report.skip_path);
    if (report.skip_line > 0 && !report.skip_by_mark) place += ":" + std::to_string(report.skip_line);
    const std::string_view reason = report.skip_reason;
    return place + ": " + std::string(reason.substr(0, 9) == "Skipped: " ? reason.substr(9) : reason);
  }

  const Summary& s_;
  const Viewpoint viewpoint_;
  Lines lines_;
};

}  // namespace

void write_short_summary(const Summary& s) {
  const Lines lines = ShortSummary(s).lines();
  if (lines.empty()) return;
  s.writer.sep('=', "short test summary info", {Color::cyan, true});
  for (const std::string& line : lines) s.writer.line(line);
}

}  // namespace trun
