#include "reporters/summary.h"

#include <algorithm>

#include "reporters/ending.h"
#include "reporters/node_name.h"
#include "reporters/utf8.h"

namespace trun {
namespace {

void write_longrepr(const Summary& s, const PhaseReport& report) {
  const std::string& text =
      s.writer.color() && !report.longrepr_color.empty() ? report.longrepr_color : report.longrepr;
  if (text.empty()) return;
  s.writer.raw(text);
  if (text.back() != '\n') s.writer.line();
}

void write_section(const Summary& s, const std::pair<std::string, std::string>& section) {
  s.writer.sep('-', section.first);
  std::string_view text = section.second;
  if (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  s.writer.raw(text);
  s.writer.raw("\n");
}

bool is_shown(const Summary& s, const std::string& section) {
  const std::string& show = s.options.showcapture;
  return show == "all" || (show != "no" && section.find(show) != std::string::npos);
}

/// pytest's _outrep_summary: the failure, then what was captured.
void write_report(const Summary& s, const PhaseReport& report) {
  // The longrepr of a skip is a place and a reason, which the short summary has. That of an xfail is a traceback.
  if (report.outcome != "skipped" || report.wasxfail) write_longrepr(s, report);
  for (const auto& section : report.sections) {
    if (is_shown(s, section.first)) write_section(s, section);
  }
}

/// What a teardown that passed has captured belongs to the failure above.
void write_teardown_sections(const Summary& s, const StatEntry& entry) {
  if (!entry.result) return;
  for (const PhaseReport& report : entry.result->reports) {
    // A teardown that failed has a section of its own under ERRORS.
    if (report.when != "teardown" || !report.category.empty()) continue;
    for (const auto& section : report.sections) {
      if (section.first.find("teardown") != std::string::npos && is_shown(s, section.first)) write_section(s, section);
    }
  }
}

std::string head_line(const StatEntry& entry) {
  return entry.report->head_line.empty() ? head_line_of(entry.node_id) : entry.report->head_line;
}

/// pytest's _getcrashline, for --tb=line.
std::string crash_line(const PhaseReport& report) {
  // No reprcrash: pytest shows the first 50 characters of the text.
  if (report.crash_path.empty()) {
    std::string_view text = report.longrepr;
    text.remove_prefix(std::min(text.find_first_not_of(" \n"), text.size()));
    text = text.substr(0, text.find_last_not_of(" \n") + 1);
    std::size_t end = 0;
    for (int i = 0; i < 50 && end < text.size(); ++i) decode_utf8(text, end);
    return std::string(text.substr(0, end));
  }
  const std::string_view message = report.crash_message;
  return report.crash_path + ":" + std::to_string(report.crash_line) + ": " +
         std::string(message.substr(0, message.find('\n')));
}

void write_failed(const Summary& s, std::string_view category, std::string_view title, const std::string& style) {
  const auto& entries = s.stats.get(category);
  if (style == "no" || entries.empty()) return;
  s.writer.sep('=', title);
  for (const StatEntry& entry : entries) {
    // pytest's summary_failures_combined: no headlines, and the crash line last.
    if (style == "line") {
      write_report(s, *entry.report);
      s.writer.line(crash_line(*entry.report));
      continue;
    }
    s.writer.sep('_', head_line(entry), {Color::red, true});
    write_report(s, *entry.report);
    write_teardown_sections(s, entry);
  }
}

/// Whether pytest shows the reason without colour: an interruption is not a failure.
bool is_interruption(std::string_view reason) {
  const auto begins = [&](std::string_view with) { return reason.substr(0, with.size()) == with; };
  return begins("KeyboardInterrupt") || begins("Interrupted") || begins("_pytest.outcomes.Exit");
}

}  // namespace

void write_errors(const Summary& s) {
  const auto& entries = s.stats.get("error");
  if (s.options.tbstyle == "no" || entries.empty()) return;
  s.writer.sep('=', "ERRORS");
  for (const StatEntry& entry : entries) {
    const PhaseReport& report = *entry.report;
    // A file that cannot be collected never had a phase.
    const bool collecting = report.when == "collect";
    const std::string title =
        (collecting ? "ERROR collecting " : "ERROR at " + report.when + " of ") + head_line(entry);
    s.writer.sep('_', title, {Color::red, true});
    write_report(s, report);
  }
}

void write_failures(const Summary& s) { write_failed(s, "failed", "FAILURES", s.options.tbstyle); }

void write_xfailures(const Summary& s) {
  write_failed(s, "xfailed", "XFAILURES", s.options.xfail_tb ? s.options.tbstyle : "no");
}

void write_passes(const Summary& s, std::string_view category, std::string_view title, char wanted) {
  const auto& entries = s.stats.get(category);
  if (s.options.tbstyle == "no" || !s.wants(wanted) || entries.empty()) return;
  s.writer.sep('=', title);
  for (const StatEntry& entry : entries) {
    if (entry.report && !entry.report->sections.empty()) {
      s.writer.sep('_', head_line(entry), {Color::green, true});
      write_report(s, *entry.report);
    }
    write_teardown_sections(s, entry);
  }
}

void write_stop_reason(const Summary& s) {
  const std::string& reason = s.log.stop_reason;
  if (!reason.empty()) s.writer.sep('!', reason, {is_interruption(reason) ? Color::none : Color::red});
}

void write_closing_line(const Summary& s, const CategoryCounts& counts, bool is_last_item) {
  if (s.options.verbosity < -1) return;
  const Color main = counts.main_color(is_last_item);
  // The line is built twice, with codes and without: the codes take no column, so `sep` must be told a width that is
  // larger by their length.
  std::string plain, text;
  for (const auto& [part, markup] : counts.closing_parts(main)) {
    plain += (plain.empty() ? "" : ", ") + part;
    text += (text.empty() ? "" : ", ") + s.writer.markup(part, markup);
  }
  const std::string took = " in " + session_duration(wall_seconds(s.log));
  plain += took;
  text += s.writer.markup(took, {main});
  // With -q there is no frame of "=".
  if (s.options.verbosity < 0) return s.writer.line(text, {main});
  // The line's own colour is switched on again behind the last part, for the "=" at the right.
  if (s.writer.color()) text += marked("", {main}).substr(0, 5);
  const auto codes = static_cast<int>(code_points(text) - code_points(plain));
  s.writer.sep('=', text, {main}, s.writer.columns() + codes);
}

}  // namespace trun
