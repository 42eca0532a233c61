#include "reporters/terminal.h"

#include <algorithm>
#include <functional>
#include <map>

#include "reporters/stats.h"
#include "reporters/summary.h"

namespace trun {
namespace {

std::string plural(std::size_t n, std::string_view noun) {
  return std::to_string(n) + " " + std::string(noun) + (n == 1 ? "" : "s");
}

/// "collected 5 items / 1 error / 2 deselected / 1 skipped / 3 selected".
std::string collected_line(const RunLog& log, std::size_t errors) {
  const std::size_t skipped = log.collect_reports.size() - errors, deselected = log.collection.deselected;
  const std::size_t selected = log.collection.items.size();
  std::string line = "collected " + plural(selected + deselected, "item");
  if (errors) line += " / " + plural(errors, "error");
  if (deselected) line += " / " + std::to_string(deselected) + " deselected";
  if (skipped) line += " / " + std::to_string(skipped) + " skipped";
  if (deselected) line += " / " + std::to_string(selected) + " selected";
  return line;
}

Markup markup_of(event::Notice::Level level) {
  if (level == event::Notice::Level::error) return {Color::red};
  return {level == event::Notice::Level::warning ? Color::yellow : Color::none};
}

}  // namespace

TerminalReporter::TerminalReporter(TerminalOptions options, TextSink sink, TextSink errors)
    : options_(std::move(options)),
      chars_(options_.report_chars()),
      sink_(std::move(sink)),
      errors_(std::move(errors)),
      writer_(options_.columns, options_.color),
      tests_(options_, writer_) {}

void TerminalReporter::take_options(TerminalOptions options) {
  options.columns = options_.columns;
  options_ = std::move(options);
  chars_ = options_.report_chars();
  writer_.set_color(options_.color);
}

Status TerminalReporter::on_event(const RunEvent& event, const RunLog& log) {
  // For the handlers below. Each event comes with the log, and the pointer is not used between two.
  log_ = &log;
  std::visit([this](const auto& e) { on(e); }, event);
  return flush();
}

void TerminalReporter::on(const event::RunStarted& e) {
  if (options_.no_terminal) return;
  if (options_.verbosity >= 0) {
    writer_.sep('=', "test session starts", {Color::none, true});
    if (!options_.no_header) {
      for (const std::string& line : e.header) writer_.line(line);
    }
  }
  if (options_.verbosity > 0) {
    writer_.line("trun: " + plural(e.workers, "worker") + ", collect " + e.collect + ", lane " + e.lane);
    for (const std::string& reason : e.why) writer_.line("trun: " + reason);
  }
  // pytest writes this on a terminal unless -q is given, and elsewhere only with -v.
  if (options_.verbosity >= (options_.is_tty ? 0 : 1)) writer_.write("collecting ... ", {Color::none, true});
  wants_flush_ = true;
}

void TerminalReporter::on(const event::CollectionFinished& e) {
  const auto errors = static_cast<std::size_t>(
      std::count_if(e.reports.begin(), e.reports.end(), [](const auto& c) { return c.report.outcome == "failed"; }));
  // They are in the closing line and in its colour, as if they were tests.
  tests_.counts().add("error", errors);
  tests_.counts().add("skipped", e.reports.size() - errors);
  tests_.counts().add("deselected", log_->collection.deselected);
  tests_.begin(log_->collection);
  if (options_.verbosity < 0 || options_.no_terminal) return;
  std::string line = collected_line(*log_, errors);
  if (options_.is_tty) {
    // Over "collecting ...": pytest's rewrite with erase.
    const int fill = options_.columns - static_cast<int>(line.size()) - 1;
    line.insert(0, "\r").append(static_cast<std::size_t>(std::max(fill, 0)), ' ');
    writer_.write(line, {Color::none, true});
    writer_.write("\n");
  } else {
    writer_.line(line);
  }
  wants_flush_ = true;
}

void TerminalReporter::on(const event::TestFinished& e) {
  if (!options_.no_terminal) tests_.add(e.result);
}

void TerminalReporter::on(const event::WarningRecorded&) { tests_.counts().add("warnings"); }

void TerminalReporter::on(const event::OutputLine& e) {
  writer_.fresh_line();
  // Kept apart so that `2>errors.log` has what tests wrote to stderr.
  if (errors_ && e.stream == event::OutputLine::Stream::err) {
    error_lines_ += e.line + "\n";
  } else {
    writer_.raw(e.line);
    writer_.raw("\n");
  }
  // The next letter begins on a line of its own.
  tests_.interrupted();
}

void TerminalReporter::on(const event::Notice& e) {
  using Level = event::Notice::Level;
  // Details are for -v, and information is not for -q. Warnings and errors are always shown.
  if (e.level == Level::detail && options_.verbosity <= 0) return;
  if (e.level == Level::info && options_.verbosity < 0) return;
  // What comes after the last test stands below its line, not in it.
  const bool all_told = !log_->collection.items.empty() && tests_.reported() == log_->collection.items.size();
  if (all_told && log_->stop_reason.empty()) end_test_lines();
  write_own_line("trun: " + e.text, markup_of(e.level));
  wants_flush_ = true;
}

void TerminalReporter::on(const event::WorkerRecycled& e) {
  // Where tests are isolated that is the rule.
  if (e.cause == event::WorkerRecycled::Cause::isolation) return;
  const std::string detail = e.detail.empty() ? "" : ": " + e.detail;
  on(event::Notice{event::Notice::Level::detail,
                   worker_name(e.slot) + " is replaced (" + std::string(recycle_cause_name(e.cause)) + ")" + detail});
}

void TerminalReporter::on(const event::Progress& e) {
  wants_flush_ = true;
  // In a file or a pipe the line could not be taken back. Before the collection there is no total.
  if (!options_.is_tty || options_.no_terminal || log_->collection.items.empty()) return;
  const std::size_t failures = tests_.counts().count("failed") + tests_.counts().count("error");
  live_.set(live_text(e, log_->collection, tests_.reported(), failures, log_->collected_at, options_.columns - 1));
}

void TerminalReporter::on(const event::RunFinished&) {
  // From now on no line of tests is open that a notice would have to interrupt.
  is_over_ = true;
  wants_flush_ = true;
  // Before the summary, which is the last text: nothing is to stand below it.
  live_.set({});
  if (options_.no_terminal) return;
  end_test_lines();
  writer_.line();
  write_summary();
}

void TerminalReporter::end_test_lines() {
  if (!std::exchange(lines_ended_, true)) tests_.finish(!log_->stop_reason.empty());
}

/// On a line of its own, whatever letters are on the current one.
void TerminalReporter::write_own_line(std::string_view text, Markup markup) {
  writer_.fresh_line();
  writer_.line(text, markup);
  if (!is_over_ && !lines_ended_) tests_.interrupted();
}

void TerminalReporter::write_summary() {
  // Made once at the end: it points into the log, which moves its elements while it grows.
  const Stats stats(*log_);
  const Summary summary{*log_, stats, options_, chars_, writer_};
  if (options_.verbosity >= -1 || !options_.no_summary) tests_.ensure_newline();
  // By the name of the method of pytest's reporter that writes it, which a plugin or conftest may override.
  const auto part = [&](std::string_view name, const std::function<void()>& write) {
    const auto own = log_->plugin_parts.find(name);
    own == log_->plugin_parts.end() ? write() : writer_.raw(own->second);
  };
  if (!options_.no_summary) {
    part("summary_errors", [&] { write_errors(summary); });
    part("summary_failures", [&] { write_failures(summary); });
    part("summary_xfailures", [&] { write_xfailures(summary); });
    part("summary_warnings", [&] { write_warnings(summary); });
    part("summary_passes", [&] { write_passes(summary, "passed", "PASSES", 'P'); });
    part("summary_xpasses", [&] { write_passes(summary, "xpassed", "XPASSES", 'X'); });
  }
  // Also with --no-summary, as in pytest.
  writer_.raw(log_->plugin_summary);
  if (!options_.junit_path.empty() && options_.verbosity >= 0) {
    writer_.sep('-', "generated xml file: " + options_.junit_path);
  }
  write_durations(summary);
  if (!options_.no_summary) part("short_test_summary", [&] { write_short_summary(summary); });
  write_max_warnings();
  write_not_run();
  write_stop_reason(summary);
  part("summary_stats", [&] { write_closing_line(summary, tests_.counts(), tests_.is_last_item()); });
}

void TerminalReporter::write_max_warnings() {
  // Exit code 6 is pytest's MAX_WARNINGS_ERROR.
  if (log_->finished.exit_code != 6 || !options_.max_warnings) return;
  writer_.line("Tests pass, but maximum allowed warnings exceeded: " + std::to_string(log_->warnings.size()) + " > " +
                   std::to_string(*options_.max_warnings),
               {Color::red});
}

/// Tests that were to run and could not. After -x or an interruption their number says nothing.
void TerminalReporter::write_not_run() {
  if (!log_->stop_reason.empty()) return;
  std::map<std::string, std::size_t> reasons;
  for (const TestResult& result : log_->results) {
    if (const auto* left = std::get_if<outcome::NotRun>(&result.outcome)) ++reasons[left->reason];
  }
  for (const auto& [reason, count] : reasons) {
    writer_.line("trun: " + plural(count, "test") + " not run: " + reason, {Color::red});
  }
}

Status TerminalReporter::flush() {
  const bool is_due = options_.is_tty || writer_.has_whole_lines() || std::exchange(wants_flush_, false);
  if (!is_due && error_lines_.empty()) return ok_status();
  // The live line goes before other text comes, and is drawn below it again.
  std::string text = (options_.is_tty ? live_.erase() : "") + writer_.take();
  if (!error_lines_.empty()) {
    // Both may be one terminal: what was said before comes before.
    if (!text.empty()) TRUN_CHECK(sink_(std::exchange(text, {})));
    TRUN_CHECK(errors_(std::exchange(error_lines_, {})));
  }
  if (options_.is_tty) text += live_.draw(writer_.width(), options_.columns);
  return text.empty() ? ok_status() : sink_(text);
}

}  // namespace trun
